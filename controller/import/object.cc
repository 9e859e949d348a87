#include "controller/import/object.h"

#include "controller/config/units.h"

namespace autoscaler {

void Remarks::add(const Position& mark, const std::string& message) {
  const std::string where = file_.empty() ? "" : file_ + ":" + std::to_string(mark.line) + ": ";
  to_->push_back(where + message);
}

ObjectPlace ObjectPlace::operator[](std::string_view key) const {
  const Entry* entry = given() ? node_->find(key) : nullptr;
  if (entry == nullptr) return {nullptr, mark_, subject_, *remarks_};
  return {entry->value.get(), entry->mark, subject_, *remarks_};
}

std::vector<ObjectPlace> ObjectPlace::items() const {
  std::vector<ObjectPlace> places;
  if (!given()) return places;
  for (const NodePtr& item : node_->items) {
    places.emplace_back(item.get(), item->mark, subject_, *remarks_);
  }
  return places;
}

std::string ObjectPlace::text(std::string fallback) const {
  return given() && node_->kind == Node::Kind::kScalar ? node_->text : std::move(fallback);
}

std::optional<int64_t> ObjectPlace::integer() const {
  const auto number = parse_integer(text());
  return number.ok() ? std::optional<int64_t>(*number) : std::nullopt;
}

ObjectPlace ObjectPlace::about(std::string subject) const {
  return {node_, mark_, std::move(subject), *remarks_};
}

void ObjectPlace::remark(const std::string& message) const {
  remarks_->add(mark_, subject_ + ": " + message);
}

}  // namespace autoscaler
