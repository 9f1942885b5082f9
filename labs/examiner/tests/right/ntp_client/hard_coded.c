// Asks pool.ntp.org, port 123. The socket is connected, so that what others send never reaches it.
// Its output is held back when it is no terminal, as printf does.
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

#define FROM_1900_TO_1970 2208988800u

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return ((uint64_t)t.tv_sec + FROM_1900_TO_1970) << 32 | ((uint64_t)t.tv_nsec << 32) / 1000000000;
}

static uint64_t timestamp(const unsigned char *at)
{
    uint64_t all = 0;
    for (int i = 0; i < 8; i++)
        all = all << 8 | at[i];
    return all;
}

static double since(uint64_t later, uint64_t earlier)
{
    return (int64_t)(later - earlier) / 4294967296.0;
}

static int no(const char *why)
{
    fprintf(stderr, "%s\n", why);
    return 1;
}

int main(void)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM}, *server;
    if (getaddrinfo("pool.ntp.org", "123", &hints, &server))
        return no("pool.ntp.org: no se conoce");
    int client = socket(AF_INET, SOCK_DGRAM, 0);
    struct timeval wait = {.tv_usec = 500000};
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    if (connect(client, server->ai_addr, server->ai_addrlen))
        return no(strerror(errno));

    unsigned char request[48] = {0x23}, reply[48];
    uint64_t t1 = now();
    for (int i = 0; i < 8; i++)
        request[40 + i] = t1 >> (56 - 8 * i);
    send(client, request, sizeof request, 0);
    ssize_t length = recv(client, reply, sizeof reply, 0);
    uint64_t t4 = now();
    if (length < 0)
        return no("el servidor no responde");
    if (length < 48 || (reply[0] & 7) != 4 || memcmp(reply + 24, request + 40, 8))
        return no("no es una respuesta a la pregunta");
    if (reply[1] < 1 || reply[1] > 15 || reply[0] >> 6 == 3)
        return no("el servidor no sabe la hora");

    uint64_t t2 = timestamp(reply + 32), t3 = timestamp(reply + 40);
    time_t seconds = (time_t)(t3 >> 32) - FROM_1900_TO_1970;
    if (t3 >> 63 == 0)
        seconds += (time_t)1 << 32; // after 2036
    struct sockaddr_in *address = (struct sockaddr_in *)server->ai_addr;
    printf("Hora: %s", ctime(&seconds));
    printf("Desfase: %f\n", (since(t2, t1) + since(t3, t4)) / 2);
    printf("Ida y vuelta: %f\n", since(t4, t1) - since(t3, t2));
    printf("Estrato %d de %s\n", reply[1], inet_ntoa(address->sin_addr));
    return 0;
}
