-- queued -> cancelled; running: the worker is asked to stop. ARGV: job id, retention. Answers the state found.
return cancel(ARGV[1], tonumber(ARGV[2]))
