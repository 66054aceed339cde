-- The ways in which each C library function that the library calls may fail, and the expected outcome.
--
-- An outcome is the code of a failure, or `true`: the call continues as if nothing had happened.

local socket = require "bsdsocket"

local errno = socket.errno

-- The kinds of faults, numbered as in shim.c.
local FAIL, LATE, SHORT, GIVE = 1, 2, 3, 4

-- The outcome of EAGAIN: a call that waits in poll continues, any other fails.
local function waits(case)
  if case.timeout == 0 then
    return "EAGAIN"
  end
  return case.timeout and true or case.restarts or "EAGAIN"
end

-- The call is not made and fails with each of these error numbers; the expected code is the number's name.
local function fails(names)
  local faults = {}
  for name in names:gmatch("%S+") do
    faults[#faults + 1] = { name = name, kind = FAIL, value = assert(errno[name], name), outcome = name }
  end
  return faults
end

local function join(...)
  local all = {}
  for n = 1, select("#", ...) do
    for _, fault in ipairs((select(n, ...))) do
      all[#all + 1] = fault
    end
  end
  return all
end

-- The same, with another expected outcome.
local function with(outcome, faults)
  for _, fault in ipairs(faults) do
    fault.outcome = outcome
  end
  return faults
end

-- The same, but the call is made before it fails.
local function late(faults)
  for _, fault in ipairs(faults) do
    fault.kind = LATE
    fault.name = "late " .. fault.name
  end
  return faults
end

-- The call transfers fewer bytes than it could (short read or write).
local function short(...)
  local faults = {}
  for n = 1, select("#", ...) do
    local size = select(n, ...)
    faults[n] = { name = "short " .. size, kind = SHORT, value = size, outcome = true }
  end
  return faults
end

-- The function returns each of these values, by name.
local function gives(values)
  local faults = {}
  for name, value in pairs(values) do
    faults[#faults + 1] = { name = name, kind = GIVE, value = value, outcome = name }
  end
  table.sort(faults, function(left, right)
    return left.name < right.name
  end)
  return faults
end

-- A signal (EINTR): the call is repeated, unless a Lua hook is pending.
local function interrupted()
  local faults = with(true, fails "EINTR")
  faults[1].hooked = true
  return faults
end

-- The faults of a call that transfers bytes.
local function transfers(names, ...)
  return join(interrupted(), with(waits, fails "EAGAIN"), fails(names), short(...))
end

local RESOLVER = {
  EAI_AGAIN = socket.EAI_AGAIN,
  EAI_FAIL = socket.EAI_FAIL,
  EAI_FAMILY = socket.EAI_FAMILY,
  EAI_MEMORY = socket.EAI_MEMORY,
  EAI_NONAME = socket.EAI_NONAME,
}

-- With EAI_SYSTEM the code is the one of errno.
local function resolver()
  return join(gives(RESOLVER), fails "EMFILE ENOMEM")
end

local function hosts()
  return join(
    gives({ HOST_NOT_FOUND = 1001, TRY_AGAIN = 1002, NO_RECOVERY = 1003, NO_DATA = 1004 }),
    with(true, gives({ ERANGE = errno.ERANGE }))
  )
end

-- The other databases report no reason, as documented.
local function entries()
  return join(with("ENOENT", gives({ ENOMEM = errno.ENOMEM })), with(true, gives({ ERANGE = errno.ERANGE })))
end

-- A blocking connect that waited is called once more, and any result of that call is accepted.
local function again(case, fault)
  return fault.repeated and not case.timeout or fault.name:match "%u+$"
end

local RECEIVING = "ECONNRESET ETIMEDOUT ENOMEM ENOBUFS EIO"
local SENDING = "ECONNRESET EPIPE ENOMEM ENOBUFS EHOSTUNREACH"

local functions = {
  accept4 = join(
    interrupted(),
    with(waits, fails "EAGAIN"),
    fails "ECONNABORTED EMFILE ENFILE ENOBUFS ENOMEM EPERM EPROTO"
  ),
  bind = fails "EACCES EADDRINUSE EADDRNOTAVAIL ENOMEM ENOBUFS",
  close = late(join(fails "EINTR EIO ENOSPC", with(true, fails "ECONNRESET"))),
  connect = join(
    with(
      again,
      fails "EACCES EADDRINUSE EADDRNOTAVAIL EAGAIN ECONNREFUSED EHOSTUNREACH ENETUNREACH ENOBUFS ENOMEM ETIMEDOUT"
    ),
    late(interrupted()),
    late(with(function(case, fault)
      return (case.timeout or 0) > 0 or not case.timeout and case.restarts or again(case, fault)
    end, fails "EINPROGRESS"))
  ),
  dup3 = fails "EBUSY EMFILE",
  epoll_create1 = fails "EMFILE ENFILE ENOMEM",
  epoll_ctl = fails "ENOMEM ENOSPC",
  -- epoll_wait that returns 0 too early does not end the call.
  epoll_wait = join(interrupted(), fails "EBADF EINVAL", with(true, gives({ early = 0 }))),
  eventfd = fails "EMFILE ENFILE ENOMEM",
  fcntl = fails "EMFILE ENOLCK",
  fflush = fails "EIO ENOSPC",
  fread = join(interrupted(), fails "EIO ENOMEM", short(1, 100)),
  fseeko = fails "EIO EINVAL",
  fstat = with(true, fails "EIO EOVERFLOW ENOMEM"),
  ftello = fails "EIO EOVERFLOW",
  getaddrinfo = resolver(),
  gethostbyaddr_r = hosts(),
  gethostbyname_r = hosts(),
  gethostname = fails "EFAULT ENAMETOOLONG",
  getifaddrs = fails "ENOBUFS EMFILE ENOMEM",
  getnameinfo = resolver(),
  getpeername = fails "ENOTCONN ENOBUFS",
  getprotobyname_r = entries(),
  getservbyname_r = entries(),
  getservbyport_r = entries(),
  getsockname = fails "ENOBUFS EIO",
  getsockopt = fails "ENOPROTOOPT ENOMEM",
  if_indextoname = fails "ENXIO EMFILE",
  if_nameindex = fails "ENOBUFS EMFILE",
  -- ENODEV is the documented code, whatever the system reports.
  if_nametoindex = with("ENODEV", fails "ENODEV EMFILE"),
  listen = fails "EADDRINUSE EOPNOTSUPP",
  -- poll may return early, which is not a timeout.
  poll = join(interrupted(), fails "ENOMEM EINVAL", with(true, gives({ early = 0 }))),
  -- Without a thread a name is looked up in place.
  pthread_create = with(true, fails "EAGAIN"),
  recv = transfers(RECEIVING, 1, 100),
  recvfrom = transfers(RECEIVING, 1, 100),
  recvmsg = transfers(RECEIVING, 1, 100),
  send = transfers(SENDING, 1, 100),
  -- After the first two errors, which mean that sendfile(2) cannot be used, the library reads and sends instead.
  sendfile = join(with(true, fails "EINVAL ENOSYS EOVERFLOW"), transfers(SENDING .. " EIO", 1, 100)),
  sendmsg = transfers(SENDING, 1, 100),
  sendto = transfers(SENDING .. " EDESTADDRREQ", 1, 100),
  sethostname = fails "EPERM EINVAL",
  setsockopt = fails "ENOPROTOOPT ENOMEM EPERM",
  shutdown = fails "ENOTCONN ENOBUFS",
  socket = fails "EACCES EAFNOSUPPORT EMFILE ENFILE ENOBUFS ENOMEM",
  socketpair = fails "EMFILE ENFILE ENOMEM",
  timerfd_create = fails "EMFILE ENFILE ENOMEM",
  timerfd_settime = fails "EINVAL ECANCELED",
}

-- Only called on machines with /dev/vsock.
if socket.get_local_cid and socket.get_local_cid() then
  functions.ioctl = fails "ENOTTY EFAULT"
  functions.open64 = join(fails "EACCES EMFILE ENOENT", with(true, fails "EINTR"))
end

return functions
