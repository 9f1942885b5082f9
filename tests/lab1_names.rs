//! Lab 1: names of machines and of services.

#![allow(clippy::unwrap_used)] // in a test, a panic is the answer
#![cfg_attr(not(target_os = "linux"), allow(dead_code, unused_imports))] // of tests that are not for every system

mod common;

use std::fs;
use std::io;
use std::process::{Command, Stdio};

use common::*;

const HOSTS_ONLY: (&str, &str) = ("/etc/nsswitch.conf", "hosts: files\nservices: files\n");

/// What a one-line Python program prints, as lines.
fn python_says(script: &str, args: &[&str]) -> Vec<String> {
    let mut command = Command::new("python3");
    command.args(["-c", script]).args(args);
    run_command(command).succeeded().stdout.lines().map(String::from).collect()
}

/// The same program of the course, with the name of this machine changed.
fn on_machine(name: &str, files: &[(&str, &str)], args: &[&str]) -> Option<Command> {
    let plain = Private::with_files(files).program("hostname", args)?;
    // Another `unshare` around it, for the name.
    let mut named = Command::new("unshare");
    let script = "hostname \"$1\" 2>/dev/null || echo \"$1\" >/proc/sys/kernel/hostname; shift; \
                  exec \"$@\"";
    named.args(["--map-root-user", "--uts", "sh", "-c", script, "sh", name, "unshare"]);
    for (key, value) in plain.get_envs() {
        named.env(key, value.unwrap());
    }
    named.args(plain.get_args());
    Some(named)
}

// hostname

#[test]
fn hostname_prints_what_python_finds_out() {
    if !needs(&["python3"]) {
        return;
    }
    let script = "import socket\n\
                  name = socket.gethostname()\n\
                  try:\n    \
                      print(f'Host name [{name}] and ip [{socket.gethostbyname(name)}]')\n\
                  except OSError:\n    \
                      pass";
    let ended = run("hostname", &[]);
    match &python_says(script, &[])[..] {
        [line] => assert!(ended.succeeded().stdout.lines().any(|ours| ours == line), "{line}"),
        _ => drop(ended.failed_with("cannot resolve ")), // this machine has no address for its name
    }
}

#[test]
#[cfg(target_os = "linux")]
fn hostname_warns_of_the_loopback_address_of_debian() {
    let files = [HOSTS_ONLY, ("/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 lab-vm\n")];
    let Some(command) = on_machine("lab-vm", &files, &[]) else { return };
    let ended = run_command(command).succeeded();
    assert_eq!(ended.stdout, "Host name [lab-vm] and ip [127.0.1.1]\n");
    let note = "note: 127.0.1.1 is a loopback address: only this machine itself can reach it\n";
    assert!(ended.stderr.contains(note), "{ended:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn hostname_does_not_warn_of_an_address_that_others_can_reach() {
    let files = [HOSTS_ONLY, ("/etc/hosts", "192.0.2.7 lab-vm\n")];
    let Some(command) = on_machine("lab-vm", &files, &[]) else { return };
    let ended = run_command(command).succeeded();
    assert_eq!(ended.stdout, "Host name [lab-vm] and ip [192.0.2.7]\n");
    assert_eq!(ended.stderr, "");
}

#[test]
#[cfg(target_os = "linux")]
fn hostname_prints_each_ipv4_address_once_and_ipv6_only_where_there_is_no_other() {
    let hosts = "192.0.2.7 lab-vm\n192.0.2.8 lab-vm\n192.0.2.7 lab-vm\n2001:db8::7 lab-vm\n";
    let Some(command) = on_machine("lab-vm", &[HOSTS_ONLY, ("/etc/hosts", hosts)], &[]) else {
        return;
    };
    let ended = run_command(command).succeeded();
    let mut lines: Vec<&str> = ended.stdout.lines().collect();
    lines.sort();
    let expected = ["192.0.2.7", "192.0.2.8"].map(|ip| format!("Host name [lab-vm] and ip [{ip}]"));
    assert_eq!(lines, expected);

    let hosts = "2001:db8::7 lab-vm\n";
    let Some(command) = on_machine("lab-vm", &[HOSTS_ONLY, ("/etc/hosts", hosts)], &[]) else {
        return;
    };
    let ended = run_command(command).succeeded();
    assert_eq!(ended.stdout, "Host name [lab-vm] and ip [2001:db8::7]\n");
}

#[test]
#[cfg(target_os = "linux")]
fn hostname_without_an_address_is_an_error_that_names_it() {
    let files = [HOSTS_ONLY, ("/etc/hosts", "127.0.0.1 localhost\n")];
    let Some(command) = on_machine("lab-vm", &files, &[]) else { return };
    let ended = run_command(command);
    assert_eq!(ended.stdout, "");
    ended
        .failed_with("cannot resolve lab-vm: Name or service not known (EAI_NONAME)\n")
        .hints("`127.0.1.1 NAME` in /etc/hosts");
}

#[test]
fn hostname_waits_no_longer_than_its_timeout() {
    let machine =
        Private::network().with_silent_name_server().file("/etc/hosts", "127.0.0.1 localhost\n"); // its own name is not in it
    let Some(ended) = machine.run("hostname", &["--timeout", "1"]) else { return };
    ended.failed_with("cannot resolve ").hints("/etc/hosts");
}

// resolve

#[test]
fn resolve_prints_what_getaddrinfo_of_python_answers() {
    if !needs(&["python3"]) {
        return;
    }
    for (args, family) in [
        (&["localhost"][..], "AF_UNSPEC"),
        (&["-4", "localhost"], "AF_INET"),
        (&["::1"], "AF_UNSPEC"),
    ] {
        let script = "import socket, sys\n\
                      name, family = sys.argv[1], getattr(socket, sys.argv[2])\n\
                      found = socket.getaddrinfo(name, None, family, socket.SOCK_STREAM)\n\
                      for ip in dict.fromkeys(info[4][0] for info in found):\n    \
                          print(f'IP address [{ip}] of [{name}]')";
        let expected = python_says(script, &[args.last().unwrap(), family]);
        let ended = run("resolve", args).succeeded();
        assert_eq!(ended.stdout.lines().collect::<Vec<_>>(), expected);
        assert_eq!(ended.stderr, "");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn resolve_prints_every_address_once() {
    let hosts = "192.0.2.1 many\n192.0.2.2 many\n192.0.2.1 many\n2001:db8::1 many\n\
                 2001:db8::1 many\n";
    let files = [HOSTS_ONLY, ("/etc/hosts", hosts)];
    for (args, expected) in [
        (&["many"][..], &["192.0.2.1", "192.0.2.2", "2001:db8::1"][..]),
        (&["-4", "many"], &["192.0.2.1", "192.0.2.2"]),
        (&["-6", "many"], &["2001:db8::1"]),
    ] {
        let Some(ended) = Private::with_files(&files).run("resolve", args) else { return };
        let ended = ended.succeeded();
        let mut lines: Vec<&str> = ended.stdout.lines().collect();
        lines.sort(); // their order is the system's (RFC 6724)
        let expected: Vec<String> =
            expected.iter().map(|ip| format!("IP address [{ip}] of [many]")).collect();
        assert_eq!(lines, expected, "{args:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn resolve_without_a_name_asks_for_google() {
    let files = [HOSTS_ONLY, ("/etc/hosts", "142.250.78.100 www.google.com\n")];
    let Some(ended) = Private::with_files(&files).run("resolve", &[]) else { return };
    let ended = ended.succeeded();
    assert_eq!(ended.stdout, "IP address [142.250.78.100] of [www.google.com]\n");
    assert_eq!(ended.stderr, "");
}

#[test]
fn resolve_without_a_name_and_without_a_network_goes_on_with_localhost_and_says_so() {
    let Some(ended) = Private::network().run("resolve", &["-4"]) else { return };
    let ended = ended.succeeded();
    assert_eq!(ended.stdout, "IP address [127.0.0.1] of [localhost] (practice name)\n");
    assert_eq!(ended.stderr.lines().count(), 1, "{ended:?}");
    assert!(ended.stderr.starts_with("note: cannot resolve www.google.com: "), "{ended:?}");

    for args in [&["--online"][..], &["www.google.com"]] {
        let Some(ended) = Private::network().run("resolve", args) else { return };
        assert_eq!(ended.stdout, "");
        ended.failed_with("cannot resolve www.google.com: ").hints("online?");
    }
}

#[test]
fn resolve_of_an_unknown_name_is_an_error() {
    let Some(ended) = Private::with_files(&[HOSTS_ONLY]).run("resolve", &["no-such-name"]) else {
        return;
    };
    assert_eq!(ended.stdout, "");
    ended
        .failed_with("cannot resolve no-such-name: Name or service not known (EAI_NONAME)\n")
        .hints("check the spelling");
    if cfg!(target_os = "linux") {
        let family = "The name has no address of this family (EAI_ADDRFAMILY)\n";
        run("resolve", &["-6", "127.0.0.1"])
            .failed_with(&format!("cannot resolve 127.0.0.1: {family}"))
            .hints("an address of that family");
        run("resolve", &["-4", "::1"]).failed_with(&format!("cannot resolve ::1: {family}"));
    }
}

#[test]
fn resolve_waits_no_longer_than_its_timeout() {
    // glibc alone would wait for two minutes here, and the test gives up before that.
    let args = ["--timeout", "1", "a-name.example"];
    let machine = Private::network().with_silent_name_server();
    let Some(ended) = machine.run("resolve", &args) else { return };
    ended
        .failed_with("cannot resolve a-name.example: Timed out (ETIMEDOUT)\n")
        .hints("the name server is silent");
}

#[test]
fn a_name_that_drives_a_terminal_is_shown_escaped() {
    let Some(ended) = Private::with_files(&[HOSTS_ONLY]).run("resolve", &["\u{1b}[2Jx\u{202e}"])
    else {
        return;
    };
    ended.failed_with("cannot resolve \\x1b[2Jx\\u{202e}: ");
}

// service_by_port

#[test]
fn service_by_port_without_arguments_names_the_two_of_the_source() {
    let ended = run("service_by_port", &[]).succeeded();
    let expected = "Protocol tcp, port 25 => name [smtp]\nProtocol udp, port 53 => name [domain]\n";
    assert_eq!(ended.stdout, expected);
    assert_eq!(ended.stderr, "");
}

/// A list of our own: a second name for 80, a service of UDP alone, one port with two services,
/// a name that would drive a terminal.
const SERVICES: (&str, &str) = (
    "/etc/services",
    "ftp 21/tcp\n\
     http 80/tcp www\n\
     tftp 69/udp\n\
     both 4700/tcp\n\
     both 4700/udp\n\
     one 4800/tcp\n\
     two 4800/udp\n\
     apart 4900/tcp\n\
     apart 4901/udp\n\
     e\u{1b}[2J 5000/tcp\n",
);

#[test]
#[cfg(target_os = "linux")]
fn service_by_port_answers_from_the_list_of_services() {
    for (args, expected) in [
        (&["21"][..], &["tcp 21 ftp"][..]),
        (&["21", "tcp"], &["tcp 21 ftp"]),
        (&["69"], &["udp 69 tftp"]),
        (&["4700"], &["tcp 4700 both", "udp 4700 both"]),
        (&["4700", "udp"], &["udp 4700 both"]),
        (&["4800"], &["tcp 4800 one", "udp 4800 two"]),
        (&["ftp"], &["tcp 21 ftp"]),
        (&["http"], &["tcp 80 http"]),
        (&["www"], &["tcp 80 http"]),
        (&["tftp"], &["udp 69 tftp"]),
        (&["both"], &["tcp 4700 both", "udp 4700 both"]),
        (&["both", "tcp"], &["tcp 4700 both"]),
        (&["apart"], &["tcp 4900 apart", "udp 4901 apart"]),
        (&["5000"], &["tcp 5000 e\\x1b[2J"]),
    ] {
        let files = [HOSTS_ONLY, SERVICES];
        let Some(ended) = Private::with_files(&files).run("service_by_port", args) else { return };
        let ended = ended.succeeded();
        let expected: String = expected
            .iter()
            .map(|line| {
                let words: Vec<&str> = line.split(' ').collect();
                format!("Protocol {}, port {} => name [{}]\n", words[0], words[1], words[2])
            })
            .collect();
        assert_eq!(ended.stdout, expected, "{args:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_port_or_a_name_without_a_service_is_an_error() {
    for (args, what) in [
        (&["22"][..], "port 22 (tcp or udp)"),
        (&["21", "udp"], "port 21 (udp)"),
        (&["0"], "port 0 (tcp or udp)"),
        (&["65535", "tcp"], "port 65535 (tcp)"),
        (&["gopher"], "the name gopher (tcp or udp)"),
        (&["http", "udp"], "the name http (udp)"),
        (&[], "port 25 (tcp)"),
        (&["\u{1b}[2J"], "the name \\x1b[2J (tcp or udp)"),
    ] {
        let files = [HOSTS_ONLY, SERVICES];
        let Some(ended) = Private::with_files(&files).run("service_by_port", args) else { return };
        assert_eq!(ended.stdout, "");
        ended.failed_with(&format!("no service is registered for {what}\n"));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_machine_without_a_list_of_services_is_told_how_to_get_it() {
    let machine = Private::with_files(&[]).after("mount -t tmpfs tmpfs /etc"); // an empty folder
    for (args, what) in [(&[][..], "port 25 (tcp)"), (&["http"], "the name http (tcp or udp)")] {
        let Some(ended) = machine.run("service_by_port", args) else { return };
        ended
            .failed_with(&format!(
                "no service is registered for {what}: cannot read /etc/services: \
                 No such file or directory (ENOENT)\n"
            ))
            .hints("apt install netbase");
    }
}

#[test]
#[cfg(unix)]
fn service_by_port_agrees_with_python_on_every_registered_service() {
    if !needs(&["python3"]) {
        return;
    }
    let Ok(services) = fs::read("/etc/services") else {
        skip::<()>("this machine has no /etc/services");
        return;
    };
    let services = String::from_utf8_lossy(&services).into_owned();
    let registered = services.lines().filter_map(|line| {
        let mut words = line.split('#').next()?.split_whitespace();
        let (name, (port, protocol)) = (words.next()?, words.next()?.split_once('/')?);
        let known = ["tcp", "udp"].contains(&protocol);
        known.then(|| [name, port, protocol].map(String::from))
    });
    let all: Vec<[String; 3]> = registered.collect();
    assert!(all.len() > 10, "{all:?}");
    // Some of them, over the whole list, and each both ways.
    for [name, port, protocol] in all.iter().step_by(all.len() / 20) {
        let script = "import socket, sys\n\
                      name, port, protocol = sys.argv[1], int(sys.argv[2]), sys.argv[3]\n\
                      print(socket.getservbyport(port, protocol))\n\
                      port = socket.getservbyname(name, protocol)\n\
                      print(port, socket.getservbyport(port, protocol))";
        let python = python_says(script, &[name, port, protocol]);
        let by_port = run("service_by_port", &[port, protocol]).succeeded();
        let expected = format!("Protocol {protocol}, port {port} => name [{}]\n", python[0]);
        assert_eq!(by_port.stdout, expected);
        let by_name = run("service_by_port", &[name, protocol]).succeeded();
        let (port, first) = python[1].split_once(' ').unwrap();
        let expected = format!("Protocol {protocol}, port {port} => name [{first}]\n");
        assert_eq!(by_name.stdout, expected);
    }
}

#[test]
fn wrong_usage_exits_2_and_names_the_value() {
    for (name, args, named) in [
        ("service_by_port", &["99999"][..], "'99999'"),
        ("service_by_port", &["-1"], "'-1'"),
        ("service_by_port", &["65536", "tcp"], "neither a port of 0 to 65535"),
        ("service_by_port", &[""], "''"),
        ("service_by_port", &["25", "sctp"], "'sctp'"),
        ("resolve", &[""], "'[NAME]'"),
        ("resolve", &["-4", "-6"], "'-4'"),
        ("resolve", &["--timeout", "soon"], "'soon'"),
        ("hostname", &["--timeout", "-1"], "'-1'"),
        ("hostname", &["extra"], "'extra'"),
    ] {
        let ended = run(name, args);
        assert_eq!(ended.code, Some(2), "{name} {args:?}: {ended:?}");
        assert!(ended.stderr.contains(named), "{name} {args:?}: {ended:?}");
    }
}

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    for args in
        [&["resolve", "::1"][..], &["service_by_port"], &["netstat"], &["netstat", "--json"]]
    {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(program(args[0]));
        command.args(&args[1..]).stdout(writer).stderr(Stdio::piped());
        let ended = command.spawn().unwrap().wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "{args:?}");
        assert_eq!(ended.status.code(), Some(0), "{args:?}");
    }
}
