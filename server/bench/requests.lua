-- What wrk sends and, as one JSON line, what came of it.
-- Arguments after `--`:  get PATH [TOKEN] | keys FILE | post SEED | batch SEED | again FILE

local MESSAGE_BYTES = 200
local kinds = {}

-- Without a `request` wrk repeats one without calling Lua.
function kinds.get(path, token)
   wrk.path = path
   if token then
      wrk.headers["Authorization"] = "Bearer " .. token
   end
end

-- The body in FILE, over and over.
function kinds.again(file)
   wrk.method, wrk.path = "POST", "/messages"
   wrk.headers["Content-Type"] = "application/json"
   wrk.body = io.open(file):read("*a")
end

-- Random ones of the digests in FILE, one a line; the same sequence in every round.
function kinds.keys(file)
   local requests = {}
   for digest in io.lines(file) do
      requests[#requests + 1] = wrk.format("GET", "/messages/" .. digest)
   end
   math.randomseed(1)
   request = function() return requests[math.random(#requests)] end
end

-- Messages that differ in a number; SEED makes them differ from those of other rounds. All but the number
-- is formatted once, so that wrk's core is not what is measured.
function kinds.post(seed)
   local digits = string.rep("#", 10)
   local text = seed .. "-" .. digits
   local body = '{"message":"' .. text .. string.rep("x", MESSAGE_BYTES - #text) .. '"}'
   wrk.headers["Content-Type"] = "application/json"
   local whole = wrk.format("POST", "/messages", wrk.headers, body)
   local first, last = whole:find(digits, 1, true)
   local head, tail, number = whole:sub(1, first - 1), whole:sub(last + 1), 0
   request = function()
      number = number + 1
      return head .. string.format("%010d", number) .. tail
   end
end

-- The same, 1,000 of them in a request.
function kinds.batch(seed)
   wrk.headers["Content-Type"] = "application/json"
   local parts = {}
   for item = 1, 1000 do
      local text = seed .. item .. "-"
      local rest = string.rep("x", MESSAGE_BYTES - #text - 10)
      parts[2 * item - 1] = (item == 1 and '{"messages":["' or parts[2 * item - 1] .. '","') .. text
      parts[2 * item + 1] = rest .. (item == 1000 and '"]}' or "")
   end
   local number = 0
   request = function()
      number = number + 1
      local digits = string.format("%010d", number)
      for item = 1, 1000 do
         parts[2 * item] = digits
      end
      return wrk.format("POST", "/messages/batch", wrk.headers, table.concat(parts))
   end
end

function init(arguments)
   kinds[arguments[1]](arguments[2], arguments[3])
end

function done(summary, latency, _)
   local failed = summary.errors
   io.write(string.format(
      '\nRESULT {"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "errors": '
         .. '{"connect": %d, "read": %d, "write": %d, "timeout": %d, "status": %d}}\n',
      summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
      failed.connect, failed.read, failed.write, failed.timeout, failed.status))
end
