#include "controller/balancer/haproxy/runtime_api.h"

#include "base/address.h"
#include "base/csv.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace autoscaler {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

// SRV_ADMF_* and SRV_ST_* of HAProxy: the wire format of its own server-state file, version 1.
constexpr int64_t kAnyMaintenance = 1 | 2 | 4 | 32;
constexpr int64_t kAnyDrain = 8 | 16;
constexpr int64_t kStarting = 1;
constexpr int64_t kRunning = 2;
// Check status 0 is unknown and 1 "not run yet"; all others are results.
constexpr int64_t kNotRunYet = 1;

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t start = text.find_first_not_of(separators);
    if (start == std::string_view::npos) return parts;
    const size_t end = std::min(text.find_first_of(separators, start), text.size());
    parts.push_back(text.substr(start, end - start));
    text.remove_prefix(end);
  }
}

std::optional<int64_t> integer(std::string_view text) {
  int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

// The start of an answer that is not what was asked for, mostly HAProxy's own sentence.
Error unexpected(std::string_view command, std::string_view answer) {
  const std::string_view text = trim_answer(answer);
  const std::string_view line = text.substr(0, std::min<size_t>(text.find('\n'), 200));
  const Code code = line.starts_with("Permission denied") ? Code::kDenied : Code::kInvalid;
  return {code, "HAProxy answers '" + std::string(command) + "' with '" + std::string(line) + "'"};
}

std::optional<ServerState> server_state(const std::vector<std::string_view>& fields,
                                        const std::array<size_t, 7>& columns) {
  if (fields.size() <= *std::max_element(columns.begin(), columns.end())) return std::nullopt;
  const auto field = [&](size_t i) { return fields[columns[i]]; };
  const auto operation = integer(field(4));
  const auto admin = integer(field(5));
  const auto check = integer(field(6));
  if (!operation || !admin || !check) return std::nullopt;
  ServerState state;
  state.backend = field(0);
  state.name = field(1);
  state.address = join_address(field(2), field(3));
  state.maintenance = (*admin & kAnyMaintenance) != 0;
  state.draining = !state.maintenance && (*admin & kAnyDrain) != 0;
  state.running = *operation == kStarting || *operation == kRunning;
  // A server leaves maintenance as running, before any check, and one failure takes it down: so
  // running together with a result is a check that passed.
  state.checked = state.running && *check > kNotRunYet;
  return state;
}

}  // namespace

std::string_view trim_answer(std::string_view answer) {
  const size_t start = answer.find_first_not_of(kBlank);
  if (start == std::string_view::npos) return {};
  return answer.substr(start, answer.find_last_not_of(kBlank) - start + 1);
}

Result<std::vector<ServerState>> parse_servers_state(std::string_view answer) {
  constexpr std::array<std::string_view, 7> kColumns = {
      "be_name",      "srv_name",        "srv_addr",        "srv_port",
      "srv_op_state", "srv_admin_state", "srv_check_status"};
  const std::vector<std::string_view> lines = split(answer, "\r\n");
  if (lines.size() < 2 || lines[0] != "1" || !lines[1].starts_with("# be_id ")) {
    return unexpected("show servers state", answer);
  }
  const std::vector<std::string_view> header = split(lines[1].substr(2), " ");
  std::array<size_t, 7> columns{};
  for (size_t i = 0; i < kColumns.size(); ++i) {
    const auto found = std::find(header.begin(), header.end(), kColumns[i]);
    if (found == header.end()) return unexpected("show servers state", lines[1]);
    columns[i] = static_cast<size_t>(found - header.begin());
  }
  std::vector<ServerState> states;
  for (size_t i = 2; i < lines.size(); ++i) {
    std::optional<ServerState> state = server_state(split(lines[i], " "), columns);
    if (!state) return unexpected("show servers state", lines[i]);
    states.push_back(*std::move(state));
  }
  return states;
}

Result<std::vector<StatRow>> parse_stat(std::string_view answer) {
  if (!answer.starts_with("# pxname,")) return unexpected("show stat", answer);
  const auto invalid = [](const std::string& what) {
    return Error{Code::kInvalid, "'show stat': " + what};
  };
  auto table = CsvReader::open(answer.substr(2));
  if (!table) return invalid(table.error().message);
  constexpr std::array kNames = {"pxname", "svname", "scur", "type", "algo"};
  std::array<size_t, kNames.size()> at{};
  for (size_t i = 0; i < kNames.size(); ++i) {
    const std::optional<size_t> column = table->column(kNames[i]);
    if (!column) return invalid(std::string("there is no column '") + kNames[i] + "'");
    at[i] = *column;
  }
  const auto& [backend, server, scur, type, algorithm] = at;
  std::vector<StatRow> rows;
  CsvReader::Row cells;
  while (true) {
    const Result<bool> read = table->next(cells);
    if (!read) return invalid(read.error().message);
    if (!*read) return rows;
    const bool is_backend = cells[type] == "1";
    if (!is_backend && cells[type] != "2") continue;  // a frontend or a listener
    const auto sessions = integer(cells[scur]);
    if (!sessions) return invalid("scur is '" + cells[scur] + "'");
    StatRow& row = rows.emplace_back();
    row.backend = cells[backend];
    if (!is_backend) row.server = cells[server];
    row.sessions = *sessions;
    if (!cells[algorithm].empty()) row.algorithm = cells[algorithm];
  }
}

Result<HaproxyVersion> parse_version(std::string_view answer) {
  constexpr std::string_view kKey = "Version: ";
  for (const std::string_view line : split(answer, "\r\n")) {
    if (!line.starts_with(kKey)) continue;
    HaproxyVersion version;
    version.text = line.substr(kKey.size());
    const char* const end = version.text.data() + version.text.size();
    const auto major = std::from_chars(version.text.data(), end, version.major);
    if (major.ec != std::errc() || major.ptr == end || *major.ptr != '.') break;
    const auto minor = std::from_chars(major.ptr + 1, end, version.minor);
    if (minor.ec != std::errc()) break;
    return version;
  }
  return unexpected("show info", answer);
}

Status parse_change(std::string_view answer) {
  struct Refusal {
    std::string_view text;
    Code code;
  };
  constexpr Refusal kRefusals[] = {
      {"Permission denied", Code::kDenied},      {"No such server", Code::kNotFound},
      {"No such backend", Code::kNotFound},      {"Already exists", Code::kConflict},
      {"connections attached", Code::kConflict}, {"Only servers in maintenance", Code::kConflict},
      {"cannot be removed at", Code::kConflict},
  };
  const std::string_view text = trim_answer(answer);
  if (text.empty() || text == "New server registered." || text == "Server deleted.") return Done{};
  for (const Refusal& refusal : kRefusals) {
    if (text.find(refusal.text) != std::string_view::npos) {
      return Error{refusal.code, std::string(text)};
    }
  }
  return Error{Code::kInvalid, std::string(text)};
}

bool refuses_dynamic_servers(std::string_view answer) {
  return answer.find("dynamic load balancing") != std::string_view::npos;
}

Result<std::string> server_address(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon != std::string::npos) {
    const auto port = integer(std::string_view(address).substr(colon + 1));
    std::string host = address.substr(0, colon);
    if (host == "localhost") host = "127.0.0.1";
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    const int family = bracketed ? AF_INET6 : AF_INET;
    if (bracketed) host = host.substr(1, host.size() - 2);
    std::array<unsigned char, sizeof(in6_addr)> binary{};
    if (port && *port > 0 && *port <= 65535 &&
        ::inet_pton(family, host.c_str(), binary.data()) == 1) {
      std::array<char, INET6_ADDRSTRLEN> shortest{};
      ::inet_ntop(family, binary.data(), shortest.data(), shortest.size());
      return join_address(shortest.data(), std::to_string(*port));
    }
  }
  return Error{Code::kInvalid, "'" + address +
                                   "' is not an IP address and port, which is what HAProxy needs "
                                   "for a server added at run time: set the target's host to one"};
}

}  // namespace autoscaler
