// Java: a thread for each client.
//: run java -cp {file} {class} {port}
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;

public class Threads {
    static void talk(Socket client) {
        try (client) {
            InputStream in = client.getInputStream();
            OutputStream out = client.getOutputStream();
            out.write("Welcome to the server. Type something and hit enter\n".getBytes());
            byte[] answer = new byte[5 + 1024];
            System.arraycopy("OK...".getBytes(), 0, answer, 0, 5);
            for (int n; (n = in.read(answer, 5, 1024)) > 0; ) {
                out.write(answer, 0, 5 + n);
            }
        } catch (IOException e) {
            System.out.println("client: " + e.getMessage());
        }
    }

    public static void main(String[] args) {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 8888;
        try (ServerSocket server = new ServerSocket(port, 50)) {
            while (true) {
                Socket client = server.accept();
                System.out.println("Connected with " + client.getRemoteSocketAddress());
                new Thread(() -> talk(client)).start();
            }
        } catch (IOException e) {
            System.err.println("Bind failed: " + e.getMessage());
            System.exit(1);
        }
    }
}
