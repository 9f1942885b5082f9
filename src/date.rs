//! Civil dates: the form of ctime(3).
