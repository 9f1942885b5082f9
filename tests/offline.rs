//! With no network at all, only loopback: every program run with no argument still does its job.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

mod common;

use common::*;

/// Runs a program without arguments where there is no network.
fn alone(name: &str) -> Option<Ended> {
    Private::network().run(name, &[])
}

#[test]
fn the_clients_of_public_servers_ask_their_practice_server_and_say_so() {
    for (name, result) in [
        ("ntp_client", "(practice server)"),
        ("ntp_client_raw", "(practice server)"),
        ("http_02_resolve", "IP address of www.google.com is 127.0.0.1 (practice server)"),
        ("http_03_connect", "Socket connected to www.google.com on ip 127.0.0.1 (practice server)"),
        ("http_04_send", "Message sent successfully (practice server)"),
        ("http_05_receive", "HTTP/1.1 200 OK"),
        ("http_get", "practice"),
    ] {
        let Some(ended) = alone(name) else { return };
        let ended = ended.succeeded();
        assert!(ended.stdout.contains(result), "{name}: {ended:?}");
        let notes: Vec<&str> =
            ended.stderr.lines().filter(|line| line.contains("practice server at ")).collect();
        assert_eq!(notes.len(), 1, "{name} says it in one line: {ended:?}");
    }
}

#[test]
fn with_online_they_ask_nobody_else() {
    for name in ["ntp_client", "ntp_client_raw", "http_02_resolve", "http_05_receive", "http_get"] {
        let Some(ended) = Private::network().run(name, &["--online"]) else { return };
        ended.failed_with("cannot resolve ").hints("online?");
    }
}

#[test]
fn a_named_server_that_is_out_of_reach_is_an_error() {
    for (name, server) in [
        ("ntp_client", "192.0.2.1"),
        ("ntp_client_raw", "192.0.2.1"),
        ("http_03_connect", "192.0.2.1"),
        ("http_05_receive", "192.0.2.1"),
        ("http_get", "http://192.0.2.1/"),
    ] {
        let Some(ended) = Private::network().run(name, &[server]) else { return };
        assert!(ended.stderr.contains("Network is unreachable (ENETUNREACH)"), "{ended:?}");
        assert!(!ended.stderr.contains("practice"), "{ended:?}");
        ended.failed_with("cannot ");
    }
}

#[test]
fn the_programs_that_need_no_server_do_their_job() {
    for (name, result) in [
        ("http_01_socket", "Socket created"),
        ("server_01_bind", "Socket bound to 127.0.0.1:8888"),
        ("netstat", "Proto"),
        ("hostname", "Host name ["),
        ("resolve", "IP address ["),
        ("service_by_port", "Protocol tcp, port 25 => name [smtp]"),
    ] {
        let Some(ended) = alone(name) else { return };
        let ended = ended.succeeded();
        assert!(ended.stdout.contains(result), "{name}: {ended:?}");
    }
}

#[test]
fn the_servers_start_and_serve_their_clients() {
    for (server, ready, client, answer) in [
        ("udp_server", "127.0.0.1:12000", "udp_client", "HELLO"),
        ("tcp_server", "127.0.0.1:12000", "tcp_client", "HELLO"),
        ("udp_receipt_server", "127.0.0.1:12000", "udp_client", "Message received."),
        ("echo_server", "127.0.0.1:65432", "echo_client", "Received: hello"),
        ("udp_echo_server", "127.0.0.1:65432", "udp_echo_client", "Received: hello"),
    ] {
        let Some(server) = Private::network().start(server, &[]) else { return };
        server.prints(ready);
        let ended = run_beside(&server, client, &["hello"]).succeeded();
        assert!(ended.stdout.contains(answer), "{client}: {ended:?}");
    }
    for (server, ready) in [
        ("server_02_accept", "127.0.0.1:8888"),
        ("server_03_reply", "127.0.0.1:8888"),
        ("server_04_loop", "127.0.0.1:8888"),
        ("server_05_threads", "127.0.0.1:8888"),
        ("ntp_server", "127.0.0.1:11123"),
        ("http_server", "127.0.0.1:8080"),
        ("mandela", "127.0.0.1:5005"),
    ] {
        let Some(server) = Private::network().start(server, &[]) else { return };
        server.prints(ready);
    }
}
