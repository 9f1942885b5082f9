//! The system calls that no lab needs, and that a stranger's program is refused (seccomp(2)): keys,
//! rings, memory of no process, tracing, namespaces, mounts, and families of sockets other than those of the course.

use std::collections::BTreeMap;
use std::env::consts::ARCH;
use std::io;

use seccompiler::SeccompCmpArgLen::{Dword, Qword};
use seccompiler::SeccompCmpOp::{Eq, Gt, MaskedEq, Ne};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter,
};

/// Refused whatever their arguments are.
const REFUSED: &[libc::c_long] = &[
    // keys of the kernel, which outlive processes
    libc::SYS_add_key,
    libc::SYS_keyctl,
    libc::SYS_request_key,
    // large parts of the kernel that are new or seldom used
    libc::SYS_bpf,
    libc::SYS_fanotify_init,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_inotify_init,
    libc::SYS_inotify_init1, // a user has 128 in all
    libc::SYS_io_setup,      // and the computer 65,536
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_lookup_dcookie,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_vmsplice,
    // memory that belongs to no process, and that no limit of one counts
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
    libc::SYS_msgget,
    libc::SYS_semget,
    libc::SYS_shmget,
    // other processes
    libc::SYS_kcmp,
    libc::SYS_pidfd_getfd,
    libc::SYS_process_madvise,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    // namespaces and file systems
    libc::SYS_chroot,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_fspick,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_pivot_root,
    libc::SYS_setns,
    libc::SYS_umount2,
    libc::SYS_unshare,
    // the computer itself
    libc::SYS_acct,
    libc::SYS_delete_module,
    libc::SYS_finit_module,
    libc::SYS_init_module,
    libc::SYS_kexec_load,
    libc::SYS_quotactl,
    libc::SYS_reboot,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_syslog,
];

/// What makes clone() a new namespace.
const NAMESPACES: &[libc::c_int] = &[
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWNS,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWUTS,
];

/// The sockets of the course, and netlink, by which getaddrinfo() learns what addresses there are.
const FAMILIES: &[libc::c_int] = &[libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];

/// The largest piece of memory that processes may share, in bytes: what is in it cannot be counted. A
/// file that is read so, as a JVM reads its own, may be larger.
const LARGEST_SHARED: u64 = 16 << 20;

/// Refuses them to this process from now on, and to all that it starts. It has given up the power to
/// get rights (`no_new_privs`) before.
///
/// # Errors
///
/// The system does not allow it, or its processor is not one that we know the calls of.
pub fn refuse() -> io::Result<()> {
    for program in programs().map_err(io::Error::other)? {
        apply_filter(&program).map_err(io::Error::other)?;
    }
    Ok(())
}

fn programs() -> Result<[BpfProgram; 2], seccompiler::BackendError> {
    let arch = TargetArch::try_from(ARCH)?;
    let mut refused: BTreeMap<i64, Vec<SeccompRule>> =
        REFUSED.iter().map(|call| (*call, Vec::new())).collect();
    let clone = NAMESPACES.iter().map(|flag| {
        // The flags are the first argument, and 64 bits long.
        let flag = *flag as u32 as u64;
        rule([condition(0, Qword, MaskedEq(flag), flag)?])
    });
    refused.insert(libc::SYS_clone, clone.collect::<Result<_, _>>()?);
    let other = FAMILIES.iter().map(|family| condition(0, Dword, Ne, *family as u64));
    refused.insert(libc::SYS_socket, vec![rule(other.collect::<Result<Vec<_>, _>>()?)?]);
    let is_shared =
        condition(3, Dword, MaskedEq(libc::MAP_SHARED as u64), libc::MAP_SHARED as u64)?;
    let is_large = condition(1, Qword, Gt, LARGEST_SHARED)?;
    let has =
        |argument, bit: libc::c_int| condition(argument, Dword, MaskedEq(bit as u64), bit as u64);
    let is_written = rule([is_shared.clone(), is_large.clone(), has(2, libc::PROT_WRITE)?])?;
    let is_nobodys = rule([is_shared, is_large, has(3, libc::MAP_ANONYMOUS)?])?;
    refused.insert(libc::SYS_mmap, vec![is_written, is_nobodys]);
    // A terminal is not to be typed at by the program.
    let typing = condition(1, Dword, Eq, libc::TIOCSTI)?;
    refused.insert(libc::SYS_ioctl, vec![rule([typing])?]);
    // The arguments of clone3() lie in memory, where a filter cannot look. A system that does not know
    // it is one on which libraries use clone().
    let unknown = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    Ok([
        program(with_second_table(refused), libc::EPERM, arch)?,
        program(with_second_table(unknown), libc::ENOSYS, arch)?,
    ])
}

fn condition(
    argument: u8,
    length: SeccompCmpArgLen,
    operator: SeccompCmpOp,
    value: u64,
) -> Result<SeccompCondition, seccompiler::BackendError> {
    SeccompCondition::new(argument, length, operator, value)
}

fn rule(
    conditions: impl Into<Vec<SeccompCondition>>,
) -> Result<SeccompRule, seccompiler::BackendError> {
    SeccompRule::new(conditions.into())
}

/// On x86-64 most calls have a second number, of the "x32" table, on kernels that were built with it.
/// ptrace() has another one there.
fn with_second_table(
    mut rules: BTreeMap<i64, Vec<SeccompRule>>,
) -> BTreeMap<i64, Vec<SeccompRule>> {
    const X32: i64 = 0x4000_0000;
    if ARCH == "x86_64" {
        let second: Vec<_> = rules.iter().map(|(call, rule)| (call | X32, rule.clone())).collect();
        rules.extend(second);
        if rules.contains_key(&libc::SYS_ptrace) {
            rules.insert(521 | X32, Vec::new());
        }
    }
    rules
}

fn program(
    rules: BTreeMap<i64, Vec<SeccompRule>>,
    errno: libc::c_int,
    arch: TargetArch,
) -> Result<BpfProgram, seccompiler::BackendError> {
    let refuse = SeccompAction::Errno(errno as u32);
    SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch)?.try_into()
}
