#pragma once

#include "controller/order_request.h"

#include <string>

namespace autoscaler {

void drop_what_is_over(Orders& orders, Instant now);

// What is ordered once `order` is added to it: a newer pause or size takes the older one's place.
Orders with_order(Orders orders, const decltype(OrderRequest::order)& order);

// "pause in until 2026-11-30T08:00:00.000Z", "size 8 until ...", "resume": for the journal.
std::string order_text(const decltype(OrderRequest::order)& order);

}  // namespace autoscaler
