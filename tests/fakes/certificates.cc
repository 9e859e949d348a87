#include "tests/fakes/certificates.h"

#include <cstdlib>
#include <fstream>

namespace autoscaler {

Certificates::Certificates() {
  make_authority("ca");
  make_authority("other");
  make_signed("server", "IP:127.0.0.1,DNS:prometheus.test");
  make_signed("named", "DNS:prometheus.test");
  make_signed("client", "DNS:autoscaler.test");
}

void Certificates::make_authority(const std::string& name) const {
  run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + name +
      " -addext basicConstraints=critical,CA:TRUE -keyout " + name + ".key -out " + name + ".pem");
}

void Certificates::make_signed(const std::string& name, const std::string& names) const {
  run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name + " -keyout " +
      name + ".key -out " + name + ".csr");
  std::ofstream(directory_ / (name + ".ext")) << "subjectAltName=" << names << "\n";
  run("x509 -req -days 2 -CA ca.pem -CAkey ca.key -CAcreateserial -in " + name + ".csr -extfile " +
      name + ".ext -out " + name + ".pem");
}

void Certificates::run(const std::string& arguments) const {
  const std::string command =
      "cd " + directory_.path() + " && openssl " + arguments + " >openssl.log 2>&1";
  CHECK(std::system(command.c_str()) == 0);
}

}  // namespace autoscaler
