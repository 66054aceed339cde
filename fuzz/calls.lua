-- The usual arguments of each function, by the kinds of values; sometimes it is called with anything else.

local calls = {}

calls.module = {
  socket = { "family", "kind", "proto", "descriptor" },
  socketpair = { "unix", "kind", "proto" },
  create_connection = { "address", "connection_options" },
  create_server = { "address", "server_options" },
  has_dualstack_ipv6 = {},
  fromfd = { "descriptor", "family", "kind", "proto" },
  close = { "descriptor" },
  dup = { "descriptor" },
  get_local_cid = {},
  getaddrinfo = { "host", "service", "family", "kind", "proto", "ai_flags" },
  getfqdn = { "host" },
  gethostbyname = { "host" },
  gethostbyname_ex = { "host" },
  gethostname = {},
  gethostbyaddr = { "host" },
  getnameinfo = { "address", "small" },
  getprotobyname = { "service" },
  getservbyname = { "service", "service" },
  getservbyport = { "size", "service" },
  ntohl = { "number" },
  ntohs = { "number" },
  htonl = { "number" },
  htons = { "number" },
  inet_aton = { "host" },
  inet_ntoa = { "packed" },
  inet_pton = { "internet", "host" },
  inet_ntop = { "internet", "packed" },
  CMSG_LEN = { "size" },
  CMSG_SPACE = { "size" },
  getdefaulttimeout = {},
  setdefaulttimeout = { "time" },
  sethostname = { "text" },
  getifaddrs = {},
  if_nameindex = {},
  if_nametoindex = { "interface" },
  if_indextoname = { "small" },
  send_fds = { "socket", "pieces", "descriptors", "flags", "address" },
  recv_fds = { "socket", "size", "small", "flags" },
  pack_address = { "family", "address", "small" },
  unpack_address = { "sockaddr", "small" },
  pack = { "text", "number", "text" },
  unpack = { "text", "text", "small" },
  packsize = { "text" },
  error_class = { "code" },
  buffer = { "size" },
  type = { "socket" },
}

calls.socket = {
  accept = {},
  bind = { "address" },
  close = {},
  connect = { "address" },
  connect_ex = { "address" },
  detach = {},
  dup = {},
  fileno = {},
  get_inheritable = {},
  getpeername = {},
  getsockname = {},
  getsockopt = { "level", "option", "length" },
  getblocking = {},
  gettimeout = {},
  listen = { "small" },
  makefile = { "mode", "stream_options" },
  recv = { "size", "flags" },
  recvall = { "size", "flags" },
  recvfrom = { "size", "flags" },
  recvfrom_into = { "buffer", "size", "flags" },
  recvmsg = { "size", "size", "flags" },
  recvmsg_into = { "buffers", "size", "flags" },
  recv_into = { "buffer", "size", "flags" },
  send = { "piece", "flags" },
  sendall = { "piece", "flags" },
  sendto = { "piece", "flags", "address" },
  sendfile = { "file", "size", "size" },
  sendmsg = { "pieces", "items", "flags", "address" },
  sendmsg_afalg = { "cipher_options" },
  set_inheritable = { "boolean" },
  setblocking = { "boolean" },
  settimeout = { "time" },
  setsockopt = { "level", "option", "option_value", "length" },
  shutdown = { "small" },
  getfd = {},
  setfd = { "released" },
  dirty = {},
  events = {},
  pollfd = {},
  __gc = {},
  __close = { "nil" },
  __tostring = {},
}

calls.stream = {
  close = {},
  flush = {},
  lines = { "format", "format" },
  read = { "format", "format" },
  seek = { "text", "number" },
  buffered = {},
  setvbuf = { "buffering", "size" },
  write = { "piece", "piece" },
  __gc = {},
  __close = { "nil" },
  __tostring = {},
}

calls.buffer = {
  fill = { "byte" },
  set = { "small", "piece" },
  sub = { "small", "small" },
  view = { "small", "small" },
  __eq = { "buffer" },
  __index = { "small" },
  __len = {},
  __newindex = { "small", "byte" },
  __tostring = {},
}

calls.selectors = {
  DefaultSelector = {},
  EpollSelector = {},
  PollSelector = {},
}

calls.selector = {
  register = { "watched", "events", "small" },
  unregister = { "watched" },
  modify = { "watched", "events", "small" },
  select = { "time" },
  close = {},
  get_key = { "watched" },
  get_map = {},
  fileno = {},
  __gc = {},
  __close = { "nil" },
  __len = {},
  __tostring = {},
}

calls.tasks = {
  run = { "body", "small" },
  spawn = { "body", "small" },
  group = { "body", "small" },
  timeout_after = { "time", "body" },
  shield = { "body" },
  sleep = { "time" },
  yield = {},
  now = {},
  wait = { "watched", "way", "time" },
  step = { "time" },
  timeout = {},
  fileno = {},
  current = {},
  all = {},
  traceback = { "task" },
  onerror = { "function" },
  pcall = { "body", "small" },
  wrap = { "body" },
  event = {},
  queue = { "small" },
  semaphore = { "small" },
}

calls.task = {
  join = { "time" },
  cancel = {},
  __index = { "text" },
  __newindex = { "text", "text" },
  __tostring = {},
}

calls.group = { spawn = { "body" }, cancel = {} }
calls.event = { set = {}, clear = {}, is_set = {}, wait = { "time" } }
calls.queue = { put = { "small", "time" }, get = { "time" }, close = {}, __len = {}, __call = {} }
calls.semaphore = { acquire = { "time" }, release = {} }

-- Called only once, because a hook stays installed.
calls.mime = {
  b64 = { "text", "piece" },
  unb64 = { "text", "piece" },
  qp = { "text", "piece", "text" },
  unqp = { "text", "piece" },
  wrp = { "small", "text", "small" },
  qpwrp = { "small", "text", "small" },
  eol = { "small", "text", "text" },
  dot = { "small", "text" },
}

calls.dns = {
  toip = { "host" },
  tohostname = { "host" },
  gethostname = {},
  getaddrinfo = { "host" },
  getnameinfo = { "host", "service" },
}

calls.left_out = { addaudithook = true }

-- Called rarely, because little works without what they close.
calls.ending = { close = true, detach = true, setfd = true, __gc = true, __close = true, shutdown = true }

return calls
