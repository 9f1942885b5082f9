-- Wireshark learns the datagram of lab 7 from this file. It is described in docs/protocol-mandela.md.
--
-- Try it:   tshark -X lua_script:docs/mandela.lua -r FILE -V
-- Keep it:  copy it into the folder that Wireshark names under Help > About Wireshark > Folders >
--           Personal Lua Plugins, then press Ctrl+Shift+L (Analyze > Reload Lua Plugins).
-- Filters:  mandela    mandela.checksum.status == 0    mandela.elapsed < 0    mandela.quote contains "done"
--
-- Datagrams on the UDP ports 5005 and 5006 are shown as Mandela, right or wrong; other ports can be
-- named in Edit > Preferences > Protocols > Mandela, or by a right click on one, Decode As… On any
-- other port a datagram is recognised by its checksum, so a wrong one there is not.

local HEADER = 18 -- bytes before the quote
local LAST_YEAR = 253402300799 -- 9999-12-31 23:59:59 UTC: later times are shown as numbers only

local mandela = Proto("mandela", "Mandela")

local STATUS = { [0] = "Bad", [1] = "Good", [2] = "Unverified" }
local BAD, GOOD, UNVERIFIED = 0, 1, 2

local fields = {
    checksum = ProtoField.uint32("mandela.checksum", "Checksum", base.HEX, nil, nil,
        "Adler-32 of every byte after this field"),
    status = ProtoField.uint8("mandela.checksum.status", "Checksum status", base.DEC, STATUS),
    expected = ProtoField.uint32("mandela.checksum.expected", "Expected checksum", base.HEX, nil, nil,
        "What the bytes after the checksum make"),
    timestamp = ProtoField.uint64("mandela.timestamp", "Timestamp", base.DEC, nil, nil,
        "Whole seconds since 1970-01-01 00:00 UTC, by the sender's clock"),
    sent = ProtoField.absolute_time("mandela.sent", "Sent at", base.UTC),
    elapsed = ProtoField.relative_time("mandela.elapsed", "Elapsed since it was sent",
        "From the timestamp, a whole second, to the time of the frame: two clocks are compared"),
    address = ProtoField.ipv4("mandela.address", "Address the sender listens on"),
    port = ProtoField.uint16("mandela.port", "Port the sender listens on", base.DEC),
    quote = ProtoField.string("mandela.quote", "Quote", base.UNICODE),
}
mandela.fields = fields

local experts = {
    short = ProtoExpert.new("mandela.too_short", "Too short for a Mandela datagram",
        expert.group.MALFORMED, expert.severity.ERROR),
    checksum = ProtoExpert.new("mandela.checksum.bad", "Wrong checksum",
        expert.group.CHECKSUM, expert.severity.ERROR),
    utf8 = ProtoExpert.new("mandela.quote.not_utf8", "The quote is not UTF-8",
        expert.group.MALFORMED, expert.severity.ERROR),
    address = ProtoExpert.new("mandela.address.differs", "It came from another address",
        expert.group.PROTOCOL, expert.severity.NOTE),
}
mandela.experts = experts

mandela.prefs.ports = Pref.range("UDP ports", "5005-5006",
    "Datagrams on these ports are shown as Mandela", 65535)

-- Adler-32 (RFC 1950, section 8.2): the sum of the bytes, plus 1, and the sum of these sums. A
-- datagram is short enough to take the remainders once, at the end: no sum comes near 2^53.
local function adler32(bytes)
    local low, high = 1, 0
    for i = 1, #bytes do
        low = low + bytes:byte(i)
        high = high + low
    end
    return (high % 65521) * 65536 + low % 65521
end

-- The ranges of RFC 3629, section 4: for a first byte, how many bytes follow it, and what the first
-- of them may be. Each of the others is 80 to BF.
local LEADS = {
    { 0x00, 0x7f, 0 }, { 0xc2, 0xdf, 1, 0x80, 0xbf },
    { 0xe0, 0xe0, 2, 0xa0, 0xbf }, { 0xe1, 0xec, 2, 0x80, 0xbf }, { 0xed, 0xed, 2, 0x80, 0x9f },
    { 0xee, 0xef, 2, 0x80, 0xbf },
    { 0xf0, 0xf0, 3, 0x90, 0xbf }, { 0xf1, 0xf3, 3, 0x80, 0xbf }, { 0xf4, 0xf4, 3, 0x80, 0x8f },
}

-- The length of the character at this place, or nil where there is none.
local function character(bytes, place)
    local lead = bytes:byte(place)
    for _, row in ipairs(LEADS) do
        if row[1] <= lead and lead <= row[2] then
            for i = 1, row[3] do
                local byte = bytes:byte(place + i)
                local least, most = 0x80, 0xbf
                if i == 1 then least, most = row[4], row[5] end
                if not byte or byte < least or byte > most then return nil end
            end
            return 1 + row[3]
        end
    end
end

-- The first byte that is not UTF-8, counted from 0, or nil where all are.
local function not_utf8(bytes)
    local place = 1
    while place <= #bytes do
        local length = character(bytes, place)
        if not length then return place - 1 end
        place = place + length
    end
end

-- A quote for the list of packets: its beginning, without control characters.
local function in_short(bytes)
    local place, shown = 1, {}
    while place <= #bytes and #shown < 70 do
        local length = character(bytes, place)
        local one = length and bytes:sub(place, place + length - 1) or "?"
        shown[#shown + 1] = one:find("^%c") and "." or one:find("^\194[\128-\159]") and "." or one
        place = place + (length or 1)
    end
    if place <= #bytes then shown[#shown + 1] = "…" end
    return table.concat(shown)
end

local function generated(tree, field, range, value)
    local item = tree:add(field, range, value)
    item:set_generated()
    return item
end

local function show_checksum(tree, tvb)
    local item = tree:add(fields.checksum, tvb(0, 4))
    local found = tvb(0, 4):uint()
    if tvb:captured_len() < tvb:reported_len() then
        item:append_text(", not verified: the capture does not have all bytes")
        generated(tree, fields.status, tvb(0, 4), UNVERIFIED)
        return
    end
    local expected = adler32(tvb:raw(4))
    if found == expected then
        item:append_text(" [right]")
        generated(tree, fields.status, tvb(0, 4), GOOD)
        return
    end
    item:append_text(string.format(" [wrong, should be 0x%08x]", expected))
    item:add_proto_expert_info(experts.checksum, string.format(
        "the checksum is 0x%08x, but the bytes after it make 0x%08x", found, expected))
    generated(tree, fields.status, tvb(0, 4), BAD)
    generated(tree, fields.expected, tvb(0, 4), expected)
    return true
end

local function show_times(tree, range, frame_time)
    tree:add(fields.timestamp, range)
    local seconds = range:uint64():tonumber()
    if seconds < 0 or seconds > LAST_YEAR then return end
    generated(tree, fields.sent, range, NSTime.new(seconds, 0))
    -- Before zero, both parts of a time are negative.
    local elapsed = frame_time - seconds
    local whole = elapsed < 0 and math.ceil(elapsed) or math.floor(elapsed)
    local nanoseconds = math.floor((elapsed - whole) * 1e6 + 0.5) * 1000 -- no finer than the clock
    generated(tree, fields.elapsed, range, NSTime.new(whole, nanoseconds))
end

-- A datagram with a wrong checksum may say anything: then this and the quote are shown, not judged.
local function show_address(tree, range, source, wrong)
    local item = tree:add(fields.address, range)
    local says = tostring(range:ipv4())
    if says ~= source and not wrong then
        item:add_proto_expert_info(experts.address,
            string.format("it says %s, but it came from %s", says, source))
    end
end

local function quote_of(tvb)
    return tvb:captured_len() > HEADER and tvb:raw(HEADER) or ""
end

local function show_quote(tree, tvb, wrong)
    local bytes = quote_of(tvb)
    if bytes == "" then
        tree:add(fields.quote, tvb(0, 0), ""):append_text("(empty)")
        return
    end
    local item
    if bytes:find("\0", 1, true) then -- Wireshark would take a zero byte for the end
        item = tree:add(fields.quote, tvb(HEADER), (bytes:gsub("%z", "␀")))
    else
        item = tree:add_packet_field(fields.quote, tvb(HEADER), ENC_UTF_8)
    end
    if wrong or tvb:captured_len() < tvb:reported_len() then return end
    local place = not_utf8(bytes)
    if place then
        item:add_proto_expert_info(experts.utf8,
            string.format("the quote is not UTF-8 at byte %d", HEADER + place))
    end
end

function mandela.dissector(tvb, pinfo, root)
    local size = tvb:reported_len()
    pinfo.cols.protocol = "Mandela"
    local tree = root:add(mandela, tvb())
    local ports = string.format("%d → %d  ", pinfo.src_port, pinfo.dst_port)
    if tvb:captured_len() < HEADER then
        local why = "the capture has only a part of it"
        if size < HEADER then
            why = string.format("too short, %d bytes where %d is the least", size, HEADER)
            tree:add_proto_expert_info(experts.short, why)
        end
        pinfo.cols.info = ports .. "[" .. why .. "]"
        return tvb:captured_len()
    end
    local wrong = show_checksum(tree, tvb)
    show_times(tree, tvb(4, 8), pinfo.abs_ts)
    show_address(tree, tvb(12, 4), tostring(pinfo.net_src), wrong)
    tree:add(fields.port, tvb(16, 2))
    show_quote(tree, tvb, wrong)
    pinfo.cols.info = ports .. (wrong and "[wrong checksum] " or "") .. in_short(quote_of(tvb))
    return tvb:captured_len()
end

-- A datagram on another port is ours if it has the size and the checksum. Its time is before the
-- year 2106, so that most others are told apart by four bytes, without a sum.
local function is_mandela(tvb, pinfo, root)
    if tvb:captured_len() < HEADER or tvb:captured_len() < tvb:reported_len() then return false end
    if tvb(4, 4):uint() ~= 0 or tvb(0, 4):uint() ~= adler32(tvb:raw(4)) then return false end
    mandela.dissector(tvb, pinfo, root)
    return true
end

local by_port = DissectorTable.get("udp.port")
local ports = mandela.prefs.ports

function mandela.prefs_changed()
    if ports == mandela.prefs.ports then return end
    by_port:remove(ports, mandela)
    ports = mandela.prefs.ports
    by_port:add(ports, mandela)
end

by_port:add(ports, mandela)
by_port:add_for_decode_as(mandela)
mandela:register_heuristic("udp", is_mandela)
