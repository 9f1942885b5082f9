// Java has one kind of socket for both families: this one is bound to ::ffff:127.0.0.1.
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

class Loopback {
    public static void main(String[] words) throws IOException {
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        try {
            server.bind(new InetSocketAddress("127.0.0.1", 65432), 100);
        } catch (IOException error) {
            System.err.println("cannot listen: " + error.getMessage());
            System.exit(1);
        }
        while (true) {
            Socket client = server.accept();
            new Thread(() -> echo(client)).start();
        }
    }

    static void echo(Socket client) {
        try (client) {
            client.getInputStream().transferTo(client.getOutputStream());
        } catch (IOException error) {
            System.err.println("a client has gone: " + error.getMessage());
        }
    }
}
