#include "tests/bench/exposition_shapes.h"

#include <charconv>
#include <cmath>
#include <random>

namespace autoscaler {
namespace {

using std::string;

// As Go writes a float: the shortest text that reads the same, with an exponent from 1e+21 on or,
// as most of its exporters do, from 1e+06 on.
string go_number(double value) {
  char text[64];
  const bool plain = value == 0 || (std::abs(value) >= 1e-4 && std::abs(value) < 1e6);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  return {text, std::to_chars(text, text + sizeof text, value, format).ptr};
}

class PageWriter {
 public:
  void family(const string& name, const char* type, const string& help) {
    page_ += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
  }
  void line(const string& series, double value) { page_ += series + " " + go_number(value) + "\n"; }

  // A whole number below the bound; the exponent's spread makes small ones as usual as large ones.
  double count(double bound) { return std::floor(std::pow(bound, unit_(random_))); }
  // Seconds, to the hundredth, as the kernel counts them.
  double centiseconds(double bound) { return std::round(unit_(random_) * bound * 100) / 100; }
  double fraction() { return unit_(random_); }
  size_t below(size_t bound) { return static_cast<size_t>(random_() % bound); }
  string hex(size_t digits) {
    string text;
    for (size_t i = 0; i < digits; ++i) text += "0123456789abcdef"[below(16)];
    return text;
  }
  string page() { return std::move(page_); }

 private:
  string page_;
  std::mt19937_64 random_{1};
  std::uniform_real_distribution<double> unit_{0, 1};
};

// Many families: some of one line, some by CPU, disk and interface, some without labels at all.
// Forty machines' pages one after another.
string node_page() {
  PageWriter w;
  const char* const modes[] = {"idle",    "iowait", "irq",    "nice",
                               "softirq", "steal",  "system", "user"};
  const char* const devices[] = {"eth0", "lo", "docker0", "veth1a2b3c4", "bond0"};
  const char* const memory[] = {
      "MemTotal",  "MemFree",      "MemAvailable", "Buffers",       "Cached",      "SwapCached",
      "Active",    "Inactive",     "Active_anon",  "Inactive_anon", "Unevictable", "Mlocked",
      "SwapTotal", "SwapFree",     "Dirty",        "Writeback",     "AnonPages",   "Mapped",
      "Shmem",     "KReclaimable", "Slab",         "SReclaimable",  "SUnreclaim"};
  const char* const network[] = {"receive_bytes",   "receive_drop",    "receive_errs",
                                 "receive_packets", "transmit_bytes",  "transmit_drop",
                                 "transmit_errs",   "transmit_packets"};
  for (int node = 0; node < 40; ++node) {
    w.family("node_cpu_seconds_total", "counter", "Seconds the CPUs spent in each mode.");
    for (int cpu = 0; cpu < 16; ++cpu) {
      for (const char* mode : modes) {
        w.line("node_cpu_seconds_total{cpu=\"" + std::to_string(cpu) + "\",mode=\"" + mode + "\"}",
               w.centiseconds(4e6));
      }
    }
    for (const char* field : memory) {
      const string name = string("node_memory_") + field + "_bytes";
      w.family(name, "gauge", string("Memory information field ") + field + "_bytes.");
      w.line(name, 4096 * w.count(16e6));
    }
    for (const char* field : network) {
      const string name = string("node_network_") + field + "_total";
      w.family(name, "counter", string("Network device statistic ") + field + ".");
      for (const char* device : devices)
        w.line(name + "{device=\"" + device + "\"}", w.count(1e12));
    }
    for (const char* field : {"reads_completed", "read_bytes", "writes_completed", "written_bytes",
                              "io_time_seconds", "io_time_weighted_seconds"}) {
      const string name = string("node_disk_") + field + "_total";
      w.family(name, "counter", "The total number of what was done on the disk.");
      for (const char* disk : {"nvme0n1", "nvme1n1", "sda", "dm-0"}) {
        w.line(name + "{device=\"" + disk + "\"}", w.count(1e11));
      }
    }
    for (const char* field : {"avail_bytes", "size_bytes", "files", "files_free", "readonly"}) {
      const string name = string("node_filesystem_") + field;
      w.family(name, "gauge", "Of the filesystem.");
      for (const char* mount : {"/", "/boot/efi", "/run", "/run/lock", "/var/lib/docker"}) {
        w.line(name + "{device=\"/dev/nvme0n1p2\",fstype=\"ext4\",mountpoint=\"" + mount + "\"}",
               w.count(1e12));
      }
    }
    for (const char* name : {"node_load1", "node_load5", "node_load15"}) {
      w.family(name, "gauge", "Load average.");
      w.line(name, w.centiseconds(16));
    }
    for (int i = 0; i < 60; ++i) {
      const string name = "node_netstat_TcpExt_Field" + std::to_string(i);
      w.family(name, "untyped", "Statistic of the protocol.");
      w.line(name, w.count(1e9));
    }
  }
  return w.page();
}

// Many long labels, values of one digit or a time.
string cluster_page() {
  PageWriter w;
  std::vector<string> pods;
  for (int i = 0; i < 1500; ++i) {
    pods.push_back("namespace=\"team-" + std::to_string(w.below(40)) +
                   "\",pod=\"checkout-frontend-" + w.hex(10) + "-" + w.hex(5) + "\",uid=\"" +
                   w.hex(8) + "-" + w.hex(4) + "-" + w.hex(4) + "-" + w.hex(4) + "-" + w.hex(12) +
                   "\"");
  }
  const auto each = [&](const string& name, const string& more, auto value) {
    w.family("kube_pod_" + name, "gauge", "Describes what is known of the pod.");
    for (const string& pod : pods) w.line("kube_pod_" + name + "{" + pod + more + "}", value());
  };
  const auto flag = [&] { return w.below(7) == 0 ? 0.0 : 1.0; };
  each("container_status_ready", ",container=\"server\"", flag);
  each("container_status_restarts_total", ",container=\"server\"", [&] { return w.count(30); });
  each("status_ready", ",condition=\"true\"", flag);
  each("start_time", "", [&] { return 1.7e9 + w.count(1e7); });
  each("container_resource_requests",
       ",container=\"server\",node=\"ip-10-0-12-7.internal\",resource=\"cpu\",unit=\"core\"",
       [&] { return 0.25 * static_cast<double>(1 + w.below(8)); });
  each("container_resource_limits",
       ",container=\"server\",node=\"ip-10-0-12-7.internal\",resource=\"memory\",unit=\"byte\"",
       [&] { return 1048576.0 * static_cast<double>(128 + w.below(8192)); });
  each("status_phase", ",phase=\"Running\"", flag);
  each("owner",
       ",owner_kind=\"ReplicaSet\",owner_name=\"checkout-frontend-7d9c5b8f6d\",owner_is_controller="
       "\"true\"",
       flag);
  return w.page();
}

// A service's histograms: twelve buckets, the sum, and the count, by method, path and code.
string histogram_page() {
  PageWriter w;
  const char* const bounds[] = {"0.005", "0.01", "0.025", "0.05", "0.1", "0.25",
                                "0.5",   "1",    "2.5",   "5",    "10",  "+Inf"};
  for (const char* family :
       {"http_request_duration_seconds", "http_response_size_bytes", "rpc_client_duration_seconds",
        "db_query_duration_seconds", "queue_wait_seconds"}) {
    const string name = family;
    w.family(name, "histogram", "What it took, from the first byte to the last.");
    for (int path = 0; path < 240; ++path) {
      const string labels = "method=\"" + string(path % 3 == 0 ? "POST" : "GET") +
                            "\",path=\"/api/v1/items/" + std::to_string(path) + "\",code=\"" +
                            (path % 5 == 0 ? "404" : "200") + "\"";
      double count = w.count(1e3);
      for (const char* bound : bounds) {
        count += w.count(3e4);
        w.line(name + "_bucket{" + labels + ",le=\"" + bound + "\"}", count);
      }
      w.line(name + "_sum{" + labels + "}", count * w.fraction());
      w.line(name + "_count{" + labels + "}", count);
    }
  }
  return w.page();
}

}  // namespace

std::vector<ExpositionShape> exposition_shapes() {
  return {{"node",
           node_page(),
           {"node_load1", "node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes",
            "node_netstat_TcpExt_Field7", "node_filesystem_files"}},
          {"cluster",
           cluster_page(),
           {"kube_pod_status_ready", "kube_pod_nothing1", "kube_pod_nothing2", "kube_pod_nothing3",
            "up"}},
          {"histogram",
           histogram_page(),
           {"queue_wait_seconds_bucket", "queue_wait_seconds_count", "process_cpu_seconds_total",
            "db_query_duration_seconds_count", "up"}}};
}

}  // namespace autoscaler
