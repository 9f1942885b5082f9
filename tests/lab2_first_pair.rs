//! Lab 2: a first client and server, over UDP and over TCP.

mod common;

use std::io::Write;
use std::net::SocketAddr;

use common::{connect, needs, python, read_to_end, run, run_command, run_with_input, start, udp};

fn port_of(address: SocketAddr) -> String {
    address.port().to_string()
}

#[test]
fn udp_pair_answers_in_upper_case() {
    let server = start("udp_server", &["--port", "0"]);
    let port = port_of(server.address());
    let client = run("udp_client", &["--port", &port, "hello, señor"]).succeeded();
    let expected = format!("Received message from 127.0.0.1 port {port}\nHELLO, SEñOR\n");
    assert_eq!(client.stdout, expected);
    server.prints("Message received from 127.0.0.1 port ");
}

#[test]
fn a_server_ended_by_ctrl_c_prints_a_summary_and_exits_0() {
    let server = start("udp_server", &["--port", "0"]);
    let port = port_of(server.address());
    run("udp_client", &["--port", &port, "x"]).succeeded();
    server.prints("Message received");
    let ended = server.interrupt().succeeded();
    assert!(ended.stdout.ends_with("Stopped by Ctrl-C. Datagrams answered: 1\n"), "{ended:?}");
}
