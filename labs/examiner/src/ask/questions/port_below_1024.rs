//! 20: a port below 1024 without the right.

use std::net::{Ipv4Addr, SocketAddr};

use crate::ask::{Outcome, Question, Trial, choice, value};

pub const PORT_BELOW_1024: Question = Question {
    step: "server_01_bind",
    asks: "An ordinary user, not the administrator, starts a server on port 80 of 127.0.0.1. Nobody has \
           that port. What happens?",
    choices: &[
        choice(
            "bind() fails with EACCES.",
            &[
                ("bind() to a low port, without the right", "EACCES"),
                ("bind() to a high port", "ok"),
            ],
        ),
        choice(
            "bind() fails with EADDRINUSE: the system keeps those ports for itself.",
            &[("bind() to a low port, without the right", "EADDRINUSE")],
        ),
        choice(
            "bind() succeeds; listen() then fails with EPERM.",
            &[("bind() to a low port, without the right", "ok"), ("listen() after it", "EPERM")],
        ),
        choice(
            "It works: on 127.0.0.1 every user may have every port.",
            &[("bind() to a low port, without the right", "ok"), ("listen() after it", "ok")],
        ),
    ],
    right: 'a',
    lanes: &["server"],
    takes: "",
    experiment,
    explanation: &[
        "Ports below 1024 are for the services of the machine: ssh 22, http 80, ntp 123. Only a program \
         with the right may bind them, so that no user can pass for one of these services. On Linux \
         the right is called CAP_NET_BIND_SERVICE; root has it.",
        "EACCES is about who you are, EADDRINUSE about who was first. Choose a port from 1024 up for \
         your own servers: 8080 in place of 80.",
        "Where the line runs is a setting of Linux, net.ipv4.ip_unprivileged_port_start. Many \
         containers set it to 0, and then every user may have every port.",
    ],
    elsewhere: "macOS: the same for 127.0.0.1; with '' (every interface) any user may have a low port \
                since macOS 10.14. Windows has no such rule.",
};

fn experiment(trial: &mut Trial) -> Outcome {
    let low = SocketAddr::from((Ipv4Addr::LOCALHOST, low_port(trial)?));
    give_up_right(trial, low)?;

    let server = trial.tcp("server")?;
    let refused = server.bind(low);
    trial.fact("bind() to a low port, without the right", value(&refused));
    if refused.is_ok() {
        let listens = server.listen(5);
        trial.fact("listen() after it", value(&listens));
    }
    let server = trial.tcp("server")?;
    let high = trial.address(8080)?;
    let bound = server.bind(high);
    trial.fact("bind() to a high port", value(&bound));
    Ok(())
}

/// 80, or where the line runs lower, the last port below it.
#[cfg(target_os = "linux")]
fn low_port(trial: &Trial) -> Outcome<u16> {
    use crate::ask::Stop;

    let setting = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    let start = setting.ok().and_then(|text| text.trim().parse::<u32>().ok()).unwrap_or(1024);
    trial.note(format!("net.ipv4.ip_unprivileged_port_start is {start}."));
    match u16::try_from(start).unwrap_or(1024) {
        0 | 1 => Err(Stop::cannot_run(
            "every user may have every port of this machine (net.ipv4.ip_unprivileged_port_start)",
        )),
        start => Ok(80.min(start - 1)),
    }
}

#[cfg(not(target_os = "linux"))]
fn low_port(_: &Trial) -> Outcome<u16> {
    Ok(80)
}

/// Where this process has the right, it shows that, and gives the right up: from then on it is an
/// ordinary user as far as ports go. Another process is not touched.
#[cfg(target_os = "linux")]
fn give_up_right(trial: &Trial, low: SocketAddr) -> Outcome {
    use caps::{CapSet, Capability};

    let right = Capability::CAP_NET_BIND_SERVICE;
    if !caps::has_cap(None, CapSet::Effective, right).unwrap_or(false) {
        return Ok(());
    }
    let whose =
        if trial.is_private() { "In its own network, this process" } else { "This process" };
    trial.note(format!("{whose} has the right, CAP_NET_BIND_SERVICE:"));
    let server = trial.tcp("server")?;
    let _ = server.bind(low);
    server.close();
    let give_up = || {
        let drop = |set| caps::drop(None, set, right).map_err(std::io::Error::other);
        drop(CapSet::Effective)?;
        drop(CapSet::Permitted)
    };
    trial.call("server", "capset(), without the right", give_up, |()| "ok".into())?;
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn give_up_right(_: &Trial, _: SocketAddr) -> Outcome {
    Ok(())
}
