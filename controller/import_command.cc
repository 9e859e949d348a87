#include "controller/commands.h"
#include "controller/import/import.h"
#include "controller/kubernetes/autoscalers.h"
#include "controller/kubernetes/kubeconfig.h"
#include "controller/system_clock.h"

#include <cstdio>

namespace autoscaler {
namespace {

int fail(const Error& error) {
  std::fprintf(stderr, "%s\n", error.message.c_str());
  return error.code == Code::kInvalid ? kExitInvalid : kExitFailed;
}

Result<ObjectFile> read_cluster(const ImportOptions& options) {
  Result<ApiAccess> access =
      find_access({.kubeconfig = options.kubeconfig, .context = options.context});
  if (!access) return access.error();
  SystemClock clock;
  ApiClient client(*std::move(access), {.user_agent = "autoscaler/" AUTOSCALER_VERSION},
                   [&clock] { return clock.now(); });
  Result<std::string> objects = list_autoscalers(client, options.name_space);
  if (!objects) return objects.error();
  return ObjectFile{"", *std::move(objects)};
}

}  // namespace

int import_command(const ImportOptions& options) {
  if (options.files.empty() && !options.from_cluster) {
    return fail({Code::kInvalid, "name files to read, - for standard input, or --from-cluster"});
  }
  std::vector<ObjectFile> objects;
  for (const std::string& file : options.files) {
    Result<std::string> text = read_all(file);
    if (!text) return fail({Code::kInvalid, text.error().message});
    objects.push_back({file == "-" ? "standard input" : file, *std::move(text)});
  }
  if (options.from_cluster) {
    Result<ObjectFile> cluster = read_cluster(options);
    if (!cluster) return fail(cluster.error());
    objects.push_back(*std::move(cluster));
  }
  const Imported imported = import_objects(
      objects, options.output == "config" ? ImportAs::kConfig : ImportAs::kScalingPolicies);
  for (const std::string& remark : imported.remarks) std::fprintf(stderr, "%s\n", remark.c_str());
  if (imported.workloads + imported.refused == 0) {
    return fail({Code::kInvalid, "no HorizontalPodAutoscaler and no ScaledObject in it"});
  }
  std::fputs(imported.config.c_str(), stdout);
  return imported.refused == 0 ? kExitDone : kExitInvalid;
}

}  // namespace autoscaler
