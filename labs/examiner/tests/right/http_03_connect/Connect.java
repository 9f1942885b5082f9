// Java: connect() with a timeout.
//: run java -cp {file} {class} {host} {port}
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

public class Connect {
    public static void main(String[] args) {
        try (Socket socket = new Socket()) {
            InetAddress address = InetAddress.getByName(args[0]);
            socket.connect(new InetSocketAddress(address, Integer.parseInt(args[1])), 4000);
            System.out.println("Socket connected to " + args[0] + " on ip " + address.getHostAddress());
        } catch (IOException error) {
            System.err.println("Could not connect to " + args[0] + ": " + error.getMessage());
            System.exit(1);
        }
    }
}
