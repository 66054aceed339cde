-- How each function of the C library that the library calls may fail, and what is to come of it.
--
-- An outcome is the code of a failure, or `true`: the call goes on as if nothing had been.

local socket = require "bsdsocket"

local errno = socket.errno

-- The kinds of fault, as shim.c numbers them.
local FAIL, LATE, SHORT, GIVE = 1, 2, 3, 4

-- What a call that the program asked not to wait, or that is told by the system not to, does when it would.
local function waits(case)
  if case.timeout == 0 then
    return "EAGAIN"
  end
  return case.timeout and true or case.restarts or "EAGAIN"
end

-- Failures with these error numbers, in place of the call; the code is the number's name.
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

-- The same, whatever comes of it.
local function with(outcome, faults)
  for _, fault in ipairs(faults) do
    fault.outcome = outcome
  end
  return faults
end

-- The same, but the call is made.
local function late(faults)
  for _, fault in ipairs(faults) do
    fault.kind = LATE
    fault.name = "late " .. fault.name
  end
  return faults
end

-- The call transfers less than there is.
local function short(...)
  local faults = {}
  for n = 1, select("#", ...) do
    local size = select(n, ...)
    faults[n] = { name = "short " .. size, kind = SHORT, value = size, outcome = true }
  end
  return faults
end

-- The function returns these values, by name.
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

-- A signal: the call is made again, unless a hook is due.
local function interrupted()
  local faults = with(true, fails "EINTR")
  faults[1].hooked = true
  return faults
end

-- What may happen to a call that transfers bytes.
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

-- EAI_SYSTEM stands for the error number behind it.
local function resolver()
  return join(gives(RESOLVER), fails "EMFILE ENOMEM")
end

local function hosts()
  return join(
    gives({ HOST_NOT_FOUND = 1001, TRY_AGAIN = 1002, NO_RECOVERY = 1003, NO_DATA = 1004 }),
    with(true, gives({ ERANGE = errno.ERANGE }))
  )
end

-- The other databases tell no reason, as documented.
local function entries()
  return join(with("ENOENT", gives({ ENOMEM = errno.ENOMEM })), with(true, gives({ ERANGE = errno.ERANGE })))
end

-- A blocking connect that was waited for is made once more, whatever comes of that.
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
  -- To return too early is no end of the time.
  epoll_wait = join(interrupted(), fails "EBADF EINVAL", with(true, gives({ early = 0 }))),
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
  getnameinfo = resolver(),
  getpeername = fails "ENOTCONN ENOBUFS",
  getprotobyname_r = entries(),
  getservbyname_r = entries(),
  getservbyport_r = entries(),
  getsockname = fails "ENOBUFS EIO",
  getsockopt = fails "ENOPROTOOPT ENOMEM",
  if_indextoname = fails "ENXIO EMFILE",
  if_nameindex = fails "ENOBUFS EMFILE",
  -- As documented, whatever the system says.
  if_nametoindex = with("ENODEV", fails "ENODEV EMFILE"),
  listen = fails "EADDRINUSE EOPNOTSUPP",
  -- To return too early is no end of the time.
  poll = join(interrupted(), fails "ENOMEM EINVAL", with(true, gives({ early = 0 }))),
  recv = transfers(RECEIVING, 1, 100),
  recvfrom = transfers(RECEIVING, 1, 100),
  recvmsg = transfers(RECEIVING, 1, 100),
  send = transfers(SENDING, 1, 100),
  -- With the first two the system says that it cannot, and the library reads and sends instead.
  sendfile = join(with(true, fails "EINVAL ENOSYS EOVERFLOW"), transfers(SENDING .. " EIO", 1, 100)),
  sendmsg = transfers(SENDING, 1, 100),
  sendto = transfers(SENDING .. " EDESTADDRREQ", 1, 100),
  sethostname = fails "EPERM EINVAL",
  setsockopt = fails "ENOPROTOOPT ENOMEM EPERM",
  shutdown = fails "ENOTCONN ENOBUFS",
  socket = fails "EACCES EAFNOSUPPORT EMFILE ENFILE ENOBUFS ENOMEM",
  socketpair = fails "EMFILE ENFILE ENOMEM",
}

-- What only a machine with such a device comes to.
if socket.get_local_cid and socket.get_local_cid() then
  functions.ioctl = fails "ENOTTY EFAULT"
  functions.open64 = join(fails "EACCES EMFILE ENOENT", with(true, fails "EINTR"))
end

return functions
