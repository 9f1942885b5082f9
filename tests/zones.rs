//! Zones of IPv6 addresses, `fe80::1%lo`, in the programs that take a host (RFC 4007, RFC 6874).

#![cfg(target_os = "linux")] // elsewhere the loopback interface is not `lo`
#![allow(clippy::unwrap_used)] // in a test, a panic is the answer

mod common;

use std::io::Write;
use std::process::{Command, Stdio};

use common::*;

/// A network whose only interface has a link-local address.
fn network() -> Private {
    // The way to an address comes a moment after the address.
    let is_there = "until ip -6 route get fe80::1 oif lo; do :; done >/dev/null 2>&1";
    let add = "ip -6 address add fe80::1/64 dev lo nodad";
    Private::network().after(&format!("{add} && timeout 10 sh -c '{is_there}'"))
}

/// A program of the course that can be typed into.
fn typed_into(mut command: Command) -> Running {
    command.stdin(Stdio::piped());
    Running::start(command)
}

#[test]
fn http_get_and_netcat_reach_a_host_of_one_zone_and_host_has_none() {
    if !has_ipv6() {
        return;
    }
    for host in ["fe80::1%25lo", "fe80::1%lo", "fe80::1%251", "fe80::1%1"] {
        let listen = ["-6", "-l", "-v", "--host", "fe80::1%lo", "8080"];
        let Some(netcat) = network().program("netcat", &listen) else { return };
        let mut netcat = typed_into(netcat);
        netcat.warns("Listening on [fe80::1%1]:8080");
        let mut answer = netcat.stdin();
        answer.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").unwrap();
        let url = format!("http://[{host}]:8080/x");
        let ended = run_beside(&netcat, "http_get", &[&url]).succeeded();
        assert_eq!(ended.stdout, "hi", "{host}");
        drop(answer);
        let request = netcat.ended().succeeded().stdout;
        assert!(request.starts_with("GET /x HTTP/1.1\r\nHost: [fe80::1]:8080\r\n"), "{request}");
    }
}

#[test]
fn a_datagram_from_the_zone_is_no_strangers() {
    if !has_ipv6() {
        return;
    }
    let host = ["-6", "--host", "fe80::1%lo", "--port", "4000"];
    let Some(server) = network().start("udp_echo_server", &host) else { return };
    server.prints("is ready");
    let ended = run_beside(&server, "udp_echo_client", &[&host[..], &["hello"]].concat());
    assert!(ended.succeeded().stdout.contains("hello"));
    let server = network().start("echo_server", &host).unwrap();
    server.prints("is ready");
    let ended = run_beside(&server, "echo_client", &[&host[..], &["hello"]].concat());
    assert!(ended.succeeded().stdout.contains("hello"));
}

#[test]
fn a_link_local_address_without_a_zone_has_a_hint() {
    if !has_ipv6() {
        return;
    }
    let all: [(&str, &[&str]); 3] = [
        ("udp_echo_server", &["-6", "--host", "fe80::1"]),
        ("echo_client", &["-6", "--host", "fe80::1", "hello"]),
        ("http_get", &["http://[fe80::1]:8080/"]),
    ];
    for (name, args) in all {
        let Some(ended) = network().run(name, args) else { return };
        ended.failed_with("cannot ").hints("as in fe80::1%eth0");
    }
}

#[test]
fn resolve_shows_the_zone_by_name() {
    for name in ["fe80::1%lo", "fe80::1%1"] {
        let ended = run("resolve", &[name]).succeeded();
        assert_eq!(ended.stdout, format!("IP address [fe80::1%lo] of [{name}]\n"));
    }
    assert_eq!(
        run("resolve", &["fe80::1"]).succeeded().stdout,
        "IP address [fe80::1] of [fe80::1]\n"
    );
}

#[test]
fn an_interface_that_is_not_there_is_an_error_with_a_hint() {
    let wrong = "fe80::1%no-such-one";
    run("resolve", &[wrong]).failed_with("cannot resolve fe80::1%no-such-one: ").hints("interface");
    run("http_get", &["http://[fe80::1%25no-such-one]/"])
        .failed_with("cannot resolve fe80::1%no-such-one: ")
        .hints("interface");
    run("netcat", &[wrong, "80"]).failed_with("cannot resolve ").hints("interface");
    let ended = run("http_get", &["http://[fe80::1%25]x/"]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
}
