-- Functions that cannot fail because of the system, and need no faults.

local function set(names)
  local all = {}
  for name in names:gmatch "%S+" do
    all[name] = true
  end
  return all
end

return {
  -- Functions and methods that make no system call (or lack the device for it on this machine) and create no object.
  lua = set [[
    CMSG_LEN CMSG_SPACE addaudithook detach dirty error_class events fileno getblocking getdefaulttimeout getfd
    get_local_cid gettimeout htonl htons inet_aton inet_ntoa inet_ntop inet_pton ntohl ntohs pack packsize pollfd
    setdefaulttimeout setfd type unpack

    fill seek set setvbuf

    __call __len acquire clear get is_set now put release timeout

    __unload getfamily gettime newtry protect skip
  ]],

  -- C library functions that never fail as the library calls them, or only work on memory; then memory allocation,
  -- whose failure makes Rust abort; then what Rust's standard library calls, for threads, for random numbers and in
  -- panics; then what it calls to start programs, which only tests of protocols do.
  c = set [[
    __errno_location __xpg_strerror_r bcmp clearerr clock_gettime dladdr dlopen ferror fileno freeaddrinfo freeifaddrs
    gai_strerror getrlimit getrlimit64 hstrerror if_freenameindex inet_aton inet_ntop inet_pton memcpy memmove memset
    pthread_sigmask sigaddset sigemptyset sigfillset sigismember sigpending sigtimedwait strlen ungetc

    calloc free malloc posix_memalign realloc

    __cxa_finalize __cxa_thread_atexit_impl __register_atfork __tls_get_addr abort dl_iterate_phdr fstat64 getcwd getenv
    clock_nanosleep getrandom dlsym getauxval gettid ioctl lseek64 mmap64 mprotect munmap open64 pause
    gnu_get_libc_version pthread_attr_destroy pthread_attr_getguardsize pthread_attr_getstack pthread_attr_init
    pthread_attr_setstacksize pthread_detach pthread_getattr_np pthread_key_create pthread_key_delete pthread_self
    pthread_setname_np pthread_setspecific read readlink realpath sigaltstack stat64 statx syscall sysconf write writev

    _exit chdir chroot dup2 environ execvp fork getpid getppid kill memcmp pidfd_getpid pidfd_spawnp pipe2
    posix_spawn_file_actions_addchdir posix_spawn_file_actions_addchdir_np posix_spawn_file_actions_adddup2
    posix_spawn_file_actions_destroy posix_spawn_file_actions_init posix_spawnattr_destroy posix_spawnattr_init
    posix_spawnattr_setflags posix_spawnattr_setpgroup posix_spawnattr_setsigdefault posix_spawnattr_setsigmask
    posix_spawnp prctl setgid setgroups setpgid setsid setuid signal waitid waitpid
  ]],
}
