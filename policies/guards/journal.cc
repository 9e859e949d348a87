#include "policies/guards/guard.h"

namespace autoscaler {

// What leaves must be remembered, and growing is safe without it.
void guard_journal(const Scene& scene, Decision& decision) {
  if (!scene.workload.journal_writable) no_scale_in(decision, Rule::kJournal);
}

}  // namespace autoscaler
