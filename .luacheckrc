std = "max"
max_line_length = 120
exclude_files = { "**/*.d.lua" }
files["spec/**/*.lua"] = { std = "max+busted" }
files["examples/testing/*.lua"] = { std = "max+busted" }
files["lua/**/*.lua"] = { std = "min" }
