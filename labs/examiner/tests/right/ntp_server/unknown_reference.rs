// The time when its clock was set is unknown: zero.
//: run {file} {port} {skew}
use std::net::UdpSocket;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let port: u16 = arguments[1].parse().expect("a port");
    let skew = Duration::from_secs_f64(arguments[2].parse().expect("seconds"));
    let socket = match UdpSocket::bind(("127.0.0.1", port)) {
        Ok(socket) => socket,
        Err(error) => {
            eprintln!("port {port}: {error}");
            std::process::exit(1);
        }
    };
    let clock = || {
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + skew;
        let fraction = (u64::from(time.subsec_nanos()) << 32) / 1_000_000_000;
        ((time.as_secs() + 2_208_988_800) << 32 | fraction).to_be_bytes()
    };
    let mut request = [0; 70_000];
    loop {
        let Ok((length, client)) = socket.recv_from(&mut request) else { continue };
        let received = clock();
        if length < 48 || request[0] & 0b111 != 3 {
            continue;
        }
        let mut answer = vec![request[0] & 0b0011_1000 | 4, 2, request[2], 0xe9];
        answer.extend([0, 0, 0, 1, 0, 0, 0, 1, 192, 0, 2, 1]);
        answer.extend([0; 8]);
        answer.extend(&request[40..48]);
        answer.extend(received);
        answer.extend(clock());
        let _ = socket.send_to(&answer, client);
    }
}
