-- The pages of the site, in their order. Each is a file of the project, and the files of `docs/` must all be here; the
-- pages of the reference are found.

return {
  { "README.md" },
  {
    "Guides",
    "docs/concepts.md",
    "docs/tasks.md",
    "docs/datagrams.md",
    "docs/lines.md",
    "docs/tls.md",
    "docs/unix_sockets.md",
    "docs/luasocket.md",
    "docs/from_python.md",
    "docs/interop.md",
    "docs/embedding.md",
    "docs/testing.md",
    "docs/platforms.md",
  },
  { "Reference", "docs/reference/README.md" },
  {
    "Project",
    "examples/README.md",
    "examples/testing/README.md",
    "bench/README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "fuzz/README.md",
    "luasocket/README.md",
    "windows/README.md",
  },
}
