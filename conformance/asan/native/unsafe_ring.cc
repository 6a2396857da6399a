#include "unsafe_ring.h"

#include <linux/io_uring.h>

#include <memory>
#include <vector>

#include "ring.h"

namespace polyring::asan {

namespace {

constexpr std::uint32_t kEntries = 256;

/// Gives the kernel the address of the caller's memory, and may keep a strong reference on its ArrayBuffer.
/// There is no clean-up hook: nothing is cancelled when the environment ends.
class UnsafeRing : public Napi::ObjectWrap<UnsafeRing> {
 public:
  static void Define(Napi::Env env, Napi::Object exports) {
    exports.Set("UnsafeRing", DefineClass(env, "UnsafeRing",
                                          {
                                              InstanceMethod<&UnsafeRing::Read>("read"),
                                              InstanceMethod<&UnsafeRing::Reap>("reap"),
                                              InstanceMethod<&UnsafeRing::Close>("close"),
                                          }));
  }

  explicit UnsafeRing(const Napi::CallbackInfo& info) : Napi::ObjectWrap<UnsafeRing>(info) {
    int error = 0;
    // Nobody ever frees it but Close(): the ring's own memory is not what is on trial.
    ring_ = new std::shared_ptr<Ring>(Ring::Create(kEntries, 2 * kEntries, 0, &error));
    if (*ring_) return;
    Napi::Error::New(info.Env(), "io_uring_setup failed").ThrowAsJavaScriptException();
  }

 private:
  std::uint32_t* Word(std::uint32_t offset) {
    return reinterpret_cast<std::uint32_t*>((*ring_)->rings().data() + offset);
  }

  /// read(fd, view, keeps): io_uring_enter's result. `keeps` says whether a reference on the ArrayBuffer is held
  Napi::Value Read(const Napi::CallbackInfo& info) {
    const auto view = info[1].As<Napi::Uint8Array>();
    if (info[2].ToBoolean()) references_.push_back(Napi::Persistent(view.ArrayBuffer()));
    const abi::Params& params = (*ring_)->params();
    std::uint32_t* const tail = Word(params.sq_off.tail);
    auto* const sqe = reinterpret_cast<abi::Sqe*>((*ring_)->sqes().data()) + (*tail & (params.sq_entries - 1));
    *sqe = abi::Sqe{};
    sqe->opcode = IORING_OP_READ;
    sqe->fd = info[0].As<Napi::Number>();
    sqe->off = UINT64_MAX;
    sqe->addr = reinterpret_cast<std::uint64_t>(view.Data());
    sqe->len = static_cast<std::uint32_t>(view.ByteLength());
    sqe->user_data = ++serial_;
    __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
    return Napi::Number::New(info.Env(), (*ring_)->Enter(1, 0, 0));
  }

  /// reap(): the results of what has completed since the last call
  Napi::Value Reap(const Napi::CallbackInfo& info) {
    (*ring_)->Enter(0, 0, abi::kEnterGetevents);
    const abi::Params& params = (*ring_)->params();
    const auto* const cqes = reinterpret_cast<const abi::Cqe*>((*ring_)->rings().data() + params.cq_off.cqes);
    std::uint32_t* const head = Word(params.cq_off.head);
    const std::uint32_t tail = __atomic_load_n(Word(params.cq_off.tail), __ATOMIC_ACQUIRE);
    Napi::Array results = Napi::Array::New(info.Env());
    for (std::uint32_t at = *head; at != tail; ++at) {
      results.Set(results.Length(), cqes[at & (params.cq_entries - 1)].res);
    }
    __atomic_store_n(head, tail, __ATOMIC_RELEASE);
    return results;
  }

  /// close(): without waiting for anything
  void Close(const Napi::CallbackInfo&) { (*ring_)->Close(); }

  std::shared_ptr<Ring>* ring_;
  std::vector<Napi::Reference<Napi::ArrayBuffer>> references_;
  std::uint64_t serial_ = 0;
};

}  // namespace

void DefineUnsafeRing(Napi::Env env, Napi::Object exports) { UnsafeRing::Define(env, exports); }

}  // namespace polyring::asan
