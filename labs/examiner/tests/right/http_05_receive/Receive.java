// Java: copies the stream, with a timeout for each read.
//: run java -cp {file} {class} {host} {port} {timeout}
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

public class Receive {
    public static void main(String[] args) {
        try (Socket site = new Socket()) {
            int wait = (int) (1000 * Double.parseDouble(args[2]));
            site.connect(new InetSocketAddress(args[0], Integer.parseInt(args[1])), wait);
            site.setSoTimeout(wait);
            String request = "GET / HTTP/1.1\r\nHost: " + args[0] + "\r\nConnection: close\r\n\r\n";
            site.getOutputStream().write(request.getBytes());
            byte[] piece = new byte[4096];
            for (int n; (n = site.getInputStream().read(piece)) > 0; ) {
                System.err.println("recv: " + n + " bytes");
                System.out.write(piece, 0, n);
            }
            System.out.flush();
        } catch (IOException error) {
            System.err.println("error: " + args[0] + ": " + error.getMessage());
            System.exit(1);
        }
    }
}
