// Java's ServerSocket binds and listens in one.
import java.io.IOException;
import java.net.ServerSocket;

public class Bind {
    public static void main(String[] args) {
        try (ServerSocket server = new ServerSocket(8888)) {
            System.out.println("Socket bound to port " + server.getLocalPort());
        } catch (IOException error) {
            System.err.println("cannot bind port 8888: " + error.getMessage());
            System.exit(1);
        }
    }
}
