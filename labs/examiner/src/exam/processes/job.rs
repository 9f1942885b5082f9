//! The processes of Windows, in a job object. Whatever a process of a job starts is in the same job,
//! and cannot leave it; when the last handle of the job is closed, as the system does when the
//! examiner ends in any way, all of them are killed.

#![allow(unsafe_code)] // calls of the system, for which no crate of the examiner has a safe name

use std::io;
use std::mem;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::process;
use std::ptr;
use std::sync::OnceLock;

use windows_sys::Win32::Foundation::{ERROR_MORE_DATA, FALSE};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_BASIC_PROCESS_ID_LIST, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
    JobObjectBasicProcessIdList, JobObjectExtendedLimitInformation, QueryInformationJobObject,
    SetInformationJobObject,
};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, OpenProcess, PROCESS_TERMINATE, TerminateProcess,
};

/// The job that this process and all that it starts are in.
static JOB: OnceLock<OwnedHandle> = OnceLock::new();

/// Room for the numbers of so many processes, at first and at most.
const ROOM: (usize, usize) = (256, 64 * 1024);

/// Puts this process into a job of its own.
///
/// # Errors
///
/// The system does not allow it.
pub fn keep_together() -> io::Result<()> {
    // SAFETY: a job without a name and without attributes; both pointers may be null.
    let job = unsafe { CreateJobObjectW(ptr::null(), ptr::null()) };
    if job.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle is new, valid, and nobody else's.
    let job = unsafe { OwnedHandle::from_raw_handle(job) };
    let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    // SAFETY: `limits` is of the type and the size that belong to this kind of information.
    done(unsafe {
        SetInformationJobObject(
            job.as_raw_handle(),
            JobObjectExtendedLimitInformation,
            (&raw const limits).cast(),
            size_of_val(&limits) as u32,
        )
    })?;
    // SAFETY: two valid handles; that of the current process need not be closed.
    done(unsafe { AssignProcessToJobObject(job.as_raw_handle(), GetCurrentProcess()) })?;
    let _ = JOB.set(job);
    Ok(())
}

fn done(answer: i32) -> io::Result<()> {
    if answer == FALSE { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// All living processes of the job but this one.
pub fn descendants() -> Vec<u32> {
    let Some(job) = JOB.get() else { return Vec::new() };
    let (mut room, most) = ROOM;
    loop {
        let mut list = List::new(room);
        // SAFETY: the buffer is as long as is told, and aligned for what the call writes to it.
        let answer = done(unsafe {
            QueryInformationJobObject(
                job.as_raw_handle(),
                JobObjectBasicProcessIdList,
                list.0.as_mut_ptr().cast(),
                size_of_val(&list.0[..]) as u32,
                ptr::null_mut(),
            )
        });
        match answer {
            Err(error) if error.raw_os_error() == Some(ERROR_MORE_DATA as i32) && room < most => {
                room *= 4;
            }
            _ => return list.pids().filter(|pid| *pid != process::id()).collect(),
        }
    }
}

/// Room for a `JOBOBJECT_BASIC_PROCESS_ID_LIST`: how many there are and how many are listed, 4 bytes
/// each, and the numbers themselves, each as large as a pointer.
struct List(Vec<usize>);

/// Where the numbers begin, in words.
const HEAD: usize =
    mem::offset_of!(JOBOBJECT_BASIC_PROCESS_ID_LIST, ProcessIdList) / size_of::<usize>();

impl List {
    fn new(room: usize) -> List {
        List(vec![0; HEAD + room])
    }

    fn pids(&self) -> impl Iterator<Item = u32> {
        let bytes: Vec<u8> = self.0[..HEAD].iter().flat_map(|word| word.to_ne_bytes()).collect();
        let listed = u32::from_ne_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]) as usize;
        self.0[HEAD..].iter().take(listed).map(|pid| *pid as u32)
    }
}

/// Kills a process, if it is there.
pub fn kill(pid: u32) {
    // SAFETY: numbers alone go in; a null handle comes back where there is no such process.
    let process = unsafe { OpenProcess(PROCESS_TERMINATE, FALSE, pid) };
    if process.is_null() {
        return;
    }
    // SAFETY: the handle is new, valid, and nobody else's.
    let process = unsafe { OwnedHandle::from_raw_handle(process) };
    // SAFETY: a valid handle with the right to end the process.
    unsafe { TerminateProcess(process.as_raw_handle(), 1) };
}
