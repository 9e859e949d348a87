#pragma once

#include <sys/resource.h>

namespace autoscaler {

// To be called once, before anything is opened. Opens /dev/null in the place of a standard stream
// that is closed, so that no socket is ever taken for one, and raises the soft limit of open files
// to the hard one: a descriptor for each instance that is scraped, and one for its health check.
void prepare_descriptors();

// The limit of open files before it was raised. Started commands get it: programs that use select()
// break above 1024 descriptors.
const rlimit& descriptor_limit_at_start();

}  // namespace autoscaler
