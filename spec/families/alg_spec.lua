local expect = require "spec.support.expect"
local family = require "spec.support.family"
local lua = require "spec.support.lua"
local pack = require "spec.support.pack"
local socket = require "bsdsocket"
local temporary = require "spec.support.temporary"

describe("socket:sendmsg_afalg", function()
  -- On any system, because the kernel is not involved.
  it("requires an AF_ALG socket", function()
    local s = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    local call = s.sendmsg_afalg
    if call then
      expect.misuse("calling 'sendmsg_afalg' on bad self (algset is only supported for AF_ALG)", call, s, { op = 0 })
    end
    s:close()
  end)
end)

if not family.has("AF_ALG", socket.AF_ALG, socket.SOCK_SEQPACKET, 0) then
  return
end

local SOL_ALG = socket.SOL_ALG
local hex = pack.hex

-- A socket for an algorithm, with a key; then the socket accepted from it, which operates.
local function algorithm(kind, name, key, authsize)
  local s = family.bound({ kind, name }, socket.AF_ALG, socket.SOCK_SEQPACKET, 0)
  if key then
    expect.done(s:setsockopt(SOL_ALG, socket.ALG_SET_KEY, key))
  end
  if authsize then
    expect.done(s:setsockopt(SOL_ALG, socket.ALG_SET_AEAD_AUTHSIZE, nil, authsize))
  end
  return family.accept(s), s
end

describe("an AF_ALG socket", function()
  after_each(family.close)

  it("reports its family", function()
    local s = family.open(socket.AF_ALG, socket.SOCK_SEQPACKET, 0)
    assert.same({ socket.AF_ALG, socket.SOCK_SEQPACKET, 0 }, { s.family, s.type, s.proto })
  end)

  it("accepts an operation socket, without an address", function()
    local s = family.bound({ "hash", "sha256" }, socket.AF_ALG, socket.SOCK_SEQPACKET, 0)
    local results = lua.pack(s:accept())
    assert.same({ 2, nil }, { results.n, results[2] })
    local op = results[1]
    assert.equal("socket", socket.type(op))
    assert.equal(socket.AF_ALG, op.family)
    op:close()
  end)

  it("hashes", function()
    local op = algorithm("hash", "sha256")
    local hash = hex "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert(op:sendall("abc"))
    assert.equal(hash, op:recv(512))
    -- In several parts, and again.
    assert(op:send("ab", socket.MSG_MORE))
    assert(op:send("c"))
    assert.equal(hash, op:recv(32))
    assert.equal(3, op:sendmsg({ "a", socket.buffer("b"), "c" }))
    assert.equal(hash, op:recv(32))
    assert.equal(
      hex "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      algorithm("hash", "sha256"):recv(32)
    )
  end)

  it("accepts the address by name", function()
    local s = family.open(socket.AF_ALG, socket.SOCK_SEQPACKET, 0)
    expect.done(s:bind({ type = "hash", name = "sha1", feat = 0, mask = 0 }))
    local op = family.accept(s)
    assert(op:sendall("abc"))
    assert.equal(hex "a9993e364706816aba3e25717850c26c9cd0d89d", op:recv(512))
  end)

  it("computes a MAC with a key", function()
    local op = algorithm("hash", "hmac(sha1)", "Jefe")
    assert(op:sendall("what do ya want for nothing?"))
    assert.equal(hex "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", op:recv(512))
    op = algorithm("hash", "hmac(sha256)", socket.buffer("Jefe"))
    assert(op:sendall("what do ya want for nothing?"))
    assert.equal(hex "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", op:recv(512))
  end)

  describe("for a cipher", function()
    local key, iv = hex "06a9214036b8a15b512e03d534120006", hex "3dafba429d9eb430b422da802c9fac41"
    local plain, encrypted = "Single block msg", hex "e353779c1079aeb82708942dbe77181a"

    it("accepts the operation first, then the data", function()
      local op = algorithm("skcipher", "cbc(aes)", key)
      assert.equal(0, op:sendmsg_afalg({ op = socket.ALG_OP_ENCRYPT, iv = iv, flags = socket.MSG_MORE }))
      assert(op:sendall(plain))
      assert.equal(encrypted, op:recv(16))
    end)

    it("accepts operation and data together, in buffers of any type", function()
      local op = algorithm("skcipher", "cbc(aes)", key)
      local message = { encrypted:sub(1, 5), socket.buffer(encrypted:sub(6)) }
      local options = { msg = message, op = socket.ALG_OP_DECRYPT, iv = socket.buffer(iv) }
      assert.equal(16, op:sendmsg_afalg(options))
      assert.equal(plain, op:recv(16))
    end)

    it("accepts the operation as raw ancillary data", function()
      local op = algorithm("skcipher", "cbc(aes)", key)
      local items = {
        { SOL_ALG, socket.ALG_SET_OP, pack.pack("=I4", socket.ALG_OP_ENCRYPT) },
        { SOL_ALG, socket.ALG_SET_IV, pack.pack("=I4c16", #iv, iv) },
      }
      assert.equal(16, op:sendmsg({ plain }, items))
      assert.equal(encrypted, op:recv(16))
    end)

    it("fails for a key or an initialisation vector of the wrong length", function()
      local s = family.bound({ "skcipher", "cbc(aes)" }, socket.AF_ALG, socket.SOCK_SEQPACKET, 0)
      local message = "setsockopt: Invalid argument"
      expect.failure(message, "EINVAL", s:setsockopt(SOL_ALG, socket.ALG_SET_KEY, "short"))
      local op = algorithm("skcipher", "cbc(aes)", key)
      local options = { msg = { plain }, op = socket.ALG_OP_ENCRYPT, iv = "short" }
      expect.failure("sendmsg_afalg: Invalid argument", "EINVAL", op:sendmsg_afalg(options))
    end)

    it("fails for an unknown operation", function()
      local op = algorithm("skcipher", "cbc(aes)", key)
      expect.failure(
        "sendmsg_afalg: Invalid argument",
        "EINVAL",
        op:sendmsg_afalg({ msg = { plain }, op = 99, iv = iv })
      )
    end)
  end)

  describe("for an AEAD cipher", function()
    local key, iv = hex "c939cc13397c1d37de6ae0e1cb7c423c", hex "b3d8cc017cbb89b39e0f67e2"
    local plain, along = hex "c3b3c41f113a31b73d9a5cd432103069", hex "24825602bd12a984e0092d3e448eda5f"
    local encrypted, tag = hex "93fe7d9e9bfd10348a5606e5cafa7354", hex "0032a1dc85f1c9786925a2e71d8272dd"

    local function aead()
      return algorithm("aead", "gcm(aes)", key, 16)
    end

    it("accepts the length of the associated data", function()
      local op = aead()
      local options = { msg = { along, plain }, op = socket.ALG_OP_ENCRYPT, iv = iv, assoclen = #along }
      assert.equal(32, op:sendmsg_afalg(options))
      local result = op:recv(48)
      assert.equal(encrypted .. tag, result:sub(17))
    end)

    it("decrypts", function()
      local op = aead()
      local options = { msg = { along, encrypted, tag }, op = socket.ALG_OP_DECRYPT, iv = iv, assoclen = #along }
      assert.equal(48, op:sendmsg_afalg(options))
      assert.equal(plain, op:recv(32):sub(17))
    end)

    it("accepts the data after the operation", function()
      local op = aead()
      local options = { op = socket.ALG_OP_ENCRYPT, iv = iv, assoclen = #along, flags = socket.MSG_MORE }
      assert.equal(0, op:sendmsg_afalg(options))
      assert.equal(16, op:send(along, socket.MSG_MORE))
      assert.equal(16, op:send(plain))
      assert.equal(encrypted .. tag, op:recv(48):sub(17))
    end)

    it("fails for modified data", function()
      local op = aead()
      local wrong = ("\0"):rep(16)
      local options = { msg = { along, encrypted, wrong }, op = socket.ALG_OP_DECRYPT, iv = iv, assoclen = #along }
      assert.equal(48, op:sendmsg_afalg(options))
      expect.failure("recv: Bad message", "EBADMSG", op:recv(32))
    end)
  end)

  it("returns random numbers after seeding", function()
    local op = algorithm("rng", "stdrng", ("seed"):rep(12))
    local first, second = op:recv(32), op:recv(32)
    assert.same({ 32, 32 }, { #first, #second })
    assert.is_false(first == second)
  end)

  it("fails for an unknown algorithm", function()
    local s = family.open(socket.AF_ALG, socket.SOCK_SEQPACKET, 0)
    local code = "ENOENT"
    expect.failure("bind hash:nonesuch:0:0: No such file or directory", code, s:bind({ "hash", "nonesuch" }))
    expect.failure("bind nonesuch:sha256:0:0: No such file or directory", code, s:bind({ "nonesuch", "sha256" }))
  end)

  it("rejects invalid addresses", function()
    local s = family.open(socket.AF_ALG, socket.SOCK_SEQPACKET, 0)
    for reason, address in pairs({
      ["address in a table expected, got string"] = "hash",
      ["address field 'type': string expected"] = {},
      ["address field 'name': string expected"] = { "hash" },
      ["address field 'type' longer than 13 bytes"] = { ("t"):rep(14), "sha256" },
      ["address field 'name' longer than 63 bytes"] = { "hash", ("n"):rep(64) },
      ["address field 'feat' out of range"] = { "hash", "sha256", -1 },
      ["address field 'mask': number expected"] = { "hash", "sha256", 0, true },
    }) do
      expect.misuse(("bad argument #1 to 'bind' (%s)"):format(reason), s.bind, s, address)
    end
  end)

  -- Invalid arguments and the error messages.
  local WRONG = {
    { "x", "#1 to 'sendmsg_afalg' (table expected, got string)" },
    { {}, "#1 to 'sendmsg_afalg' (option 'op': number expected, got nil)" },
    { { op = "encrypt" }, "#1 to 'sendmsg_afalg' (option 'op': number expected, got string)" },
    { { op = -1 }, "#1 to 'sendmsg_afalg' (option 'op': number out of range)" },
    { { op = 0, msg = "x" }, "#1 to 'sendmsg_afalg' (option 'msg': table expected, got string)" },
    { { op = 0, iv = {} }, "#1 to 'sendmsg_afalg' (option 'iv': string expected, got table)" },
    { { op = 0, assoclen = -1 }, "#1 to 'sendmsg_afalg' (option 'assoclen': number out of range)" },
    { { op = 0, flags = "x" }, "#1 to 'sendmsg_afalg' (option 'flags': number expected, got string)" },
    { { op = 0, vi = "x" }, "#1 to 'sendmsg_afalg' (unknown option 'vi')" },
  }
  for _, case in ipairs(WRONG) do
    it("rejects: " .. case[2], function()
      local op = algorithm("skcipher", "cbc(aes)", ("k"):rep(16))
      expect.misuse("bad argument " .. case[2], op.sendmsg_afalg, op, case[1])
    end)
  end
end)

describe("examples/sha256.lua", function()
  ---@type string
  local path

  after_each(function()
    temporary.remove(path)
  end)

  it("hashes a file", function()
    path = temporary.file("abc")
    local lines, complaints, status = family.example("sha256", path)
    local hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert.same({ { hash .. "  " .. path }, "", 0 }, { lines, complaints, status })
  end)

  it("hashes an empty file and a long one", function()
    path = temporary.file("")
    local hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert.same({ hash .. "  " .. path }, (family.example("sha256", path)))
    temporary.remove(path)
    path = temporary.file(("a"):rep(1000000))
    hash = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    assert.same({ hash .. "  " .. path }, (family.example("sha256", path)))
  end)
end)
