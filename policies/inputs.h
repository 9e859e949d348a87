#pragma once

#include "policies/spec.h"

#include <boost/container/small_vector.hpp>

#include <cstdint>

namespace autoscaler {

// Indices into WorkloadSpec::signals, each once, in the order in which the policy names them.
using SignalIndices = boost::container::small_vector<uint16_t, 8>;

// The signals that a policy reads.
SignalIndices signals_of(const PolicyRule& rule);
// Those among them that can make it want more.
SignalIndices signals_to_grow_by(const PolicyRule& rule);

}  // namespace autoscaler
