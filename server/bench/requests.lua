-- The requests that wrk sends, and a result line in JSON.
-- Arguments after `--`:  get PATH [TOKEN] | keys FILE | post SEED | batch SEED | again FILE

local MESSAGE_BYTES = 200
local kinds = {}

-- GET of one path. Without a `request` function wrk repeats one request and does not call Lua.
function kinds.get(path, token)
   wrk.path = path
   if token then
      wrk.headers["Authorization"] = "Bearer " .. token
   end
end

-- POST of the body in FILE, again and again.
function kinds.again(file)
   wrk.method, wrk.path = "POST", "/messages"
   wrk.headers["Content-Type"] = "application/json"
   wrk.body = io.open(file):read("*a")
end

-- GET of random digests from FILE, which has one per line. Every round has the same sequence.
function kinds.keys(file)
   local requests = {}
   for digest in io.lines(file) do
      requests[#requests + 1] = wrk.format("GET", "/messages/" .. digest)
   end
   math.randomseed(1)
   request = function() return requests[math.random(#requests)] end
end

-- POST of new messages, which differ in a number; each round has another SEED. Everything but the number is formatted
-- once, so that wrk does not limit the rate.
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

-- POST of new messages in batches of 1,000.
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
