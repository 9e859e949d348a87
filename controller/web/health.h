#pragma once

#include "base/http_server.h"
#include "controller/tick_record.h"

#include <memory>

namespace autoscaler {

// /healthz: 503 when no tick was completed for three intervals, and ten seconds at the least: the
// process is stuck, and starting it anew may help.
HttpResponse healthz(const TickRecord* last, Instant started, Duration interval, Instant now);

// /readyz: 503 until the first tick, and while the journal cannot be written (scale-in waits then).
// Of several controllers those who stand by are ready too.
HttpResponse readyz(const TickRecord* last);

}  // namespace autoscaler
