-- A sweep and its jobs as of one moment. ARGV: sweep id, names of jobs' fields as JSON.
-- A script and not MULTI, of which Redis refuses even reads while it has no memory.
return look_at_sweep(ARGV[1], cjson.decode(ARGV[2]))
