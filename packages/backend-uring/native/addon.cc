#include <napi.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory>

#include "ring.h"

namespace polyring {

namespace {

/// The JavaScript side of a ring.
///
/// The ring itself is owned by the environment's clean-up hook as well: finalizers run before
/// that hook when a worker ends, and must not take the memory away from under the kernel.
class RingObject : public Napi::ObjectWrap<RingObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "Ring",
                       {
                           InstanceMethod<&RingObject::Register>("register"),
                           InstanceMethod<&RingObject::MapMemory>("mapMemory"),
                           InstanceMethod<&RingObject::Adopt>("adopt"),
                           InstanceMethod<&RingObject::CloseAdopted>("closeAdopted"),
                           InstanceMethod<&RingObject::Disown>("disown"),
                           InstanceMethod<&RingObject::ExpectStray>("expectStray"),
                           InstanceMethod<&RingObject::Share>("share"),
                           InstanceMethod<&RingObject::Unshare>("unshare"),
                           InstanceMethod<&RingObject::Close>("close"),
                           InstanceMethod<&RingObject::Abandon>("abandon"),
                           InstanceMethod<&RingObject::Settled>("settled"),
                       });
  }

  /// new Ring(entries, completionEntries, flags). On failure `error` is a negative errno.
  explicit RingObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<RingObject>(info) {
    Napi::Env env = info.Env();
    Napi::Object self = info.This().As<Napi::Object>();
    int error = 0;
    ring_ = Ring::Create(info[0].As<Napi::Number>().Uint32Value(), info[1].As<Napi::Number>().Uint32Value(),
                         info[2].As<Napi::Number>().Uint32Value(), &error);
    Put(self, "error", Napi::Number::New(env, error));
    if (!ring_) return;
    hook_ = new std::shared_ptr<Ring>(ring_);
    napi_add_env_cleanup_hook(env, EndRing, hook_);

    const abi::Params& params = ring_->params();
    Put(self, "fd", Napi::Number::New(env, ring_->fd()));
    Put(self, "features", Napi::Number::New(env, params.features));
    Put(self, "sqEntries", Napi::Number::New(env, params.sq_entries));
    Put(self, "cqEntries", Napi::Number::New(env, params.cq_entries));
    Put(self, "sqTail", Napi::Number::New(env, params.sq_off.tail));
    Put(self, "sqFlags", Napi::Number::New(env, params.sq_off.flags));
    Put(self, "cqHead", Napi::Number::New(env, params.cq_off.head));
    Put(self, "cqTail", Napi::Number::New(env, params.cq_off.tail));
    Put(self, "cqes", Napi::Number::New(env, params.cq_off.cqes));
    Expose(env, self, "rings", ring_->rings().data(), ring_->rings().size());
    Expose(env, self, "sqes", ring_->sqes().data(), ring_->sqes().size());
    Expose(env, self, "control", ring_->control().data(), ring_->control().size());
    SetEnter(env, self);
    if (env.IsExceptionPending()) Drop(env);
  }

  /// The words are kept by this object, and the ring may outlive it.
  ~RingObject() {
    if (ring_) ring_->Revoke();
  }

 private:
  static void EndRing(void* data) {
    std::unique_ptr<std::shared_ptr<Ring>> ring(static_cast<std::shared_ptr<Ring>*>(data));
    (*ring)->End();
  }

  /// Gives an object a property of its own. To set one could call a setter of a prototype, and that this ring's close.
  static void Put(Napi::Object target, const char* name, Napi::Value value) {
    target.DefineProperty(Napi::PropertyDescriptor::Value(name, value, napi_default_jsproperty));
  }

  /// Makes memory visible as an ArrayBuffer that owns nothing, and keeps it so that it can be detached.
  Napi::Value Expose(Napi::Env env, Napi::Object target, const char* name, char* data, std::size_t size) {
    napi_value buffer = nullptr;
    const napi_status status = napi_create_external_arraybuffer(env, data, size, nullptr, nullptr, &buffer);
    if (status != napi_ok) {
      if (!env.IsExceptionPending()) {
        Napi::Error error = Napi::Error::New(env, "This runtime refuses external ArrayBuffers");
        error.Set("code", "ERR_EXTERNAL_BUFFERS_REFUSED");
        error.ThrowAsJavaScriptException();
      }
      return env.Undefined();
    }
    Napi::Value value(env, buffer);
    exposed_.push_back(Napi::Persistent(value.As<Napi::ArrayBuffer>()));
    if (name != nullptr) Put(target, name, value);
    return value;
  }

  /// The one call of the hot path, so it is Node-API's own kind of function, which finds its ring without unwrapping
  /// an object. It owns a share of the ring, since JavaScript may keep it longer than the object.
  void SetEnter(Napi::Env env, Napi::Object self) {
    auto* ring = new std::shared_ptr<Ring>(ring_);
    napi_value enter = nullptr;
    if (napi_create_function(env, "enter", NAPI_AUTO_LENGTH, Enter, ring, &enter) != napi_ok ||
        napi_add_finalizer(env, enter, ring, ForgetRing, nullptr, nullptr) != napi_ok) {
      delete ring;
      return;
    }
    // Not enumerable, as a method: who copies the properties of a ring puts another enter in its place.
    self.DefineProperty(Napi::PropertyDescriptor::Value("enter", Napi::Value(env, enter), napi_default_method));
  }

  static void ForgetRing(napi_env, void* data, void*) { delete static_cast<std::shared_ptr<Ring>*>(data); }

  /// enter(toSubmit, minComplete, flags). EBADF once the ring is closed.
  static napi_value Enter(napi_env env, napi_callback_info info) {
    std::size_t count = 3;
    napi_value arguments[3];
    void* data = nullptr;
    napi_get_cb_info(env, info, &count, arguments, nullptr, &data);
    std::uint32_t numbers[3] = {};
    for (std::size_t i = 0; i < 3; ++i) napi_get_value_uint32(env, arguments[i], &numbers[i]);
    napi_value result = nullptr;
    napi_create_int32(env, (*static_cast<std::shared_ptr<Ring>*>(data))->Enter(numbers[0], numbers[1], numbers[2]),
                      &result);
    return result;
  }

  /// register(opcode, argument: TypedArray | null, count)
  Napi::Value Register(const Napi::CallbackInfo& info) {
    if (!ring_) return Napi::Number::New(info.Env(), -EBADF);
    void* argument = info[1].IsTypedArray() ? ElementsOf(info[1]) : nullptr;
    return Napi::Number::New(info.Env(), ring_->Register(info[0].As<Napi::Number>().Uint32Value(), argument,
                                                         info[2].As<Napi::Number>().Uint32Value()));
  }

  /// mapMemory(byteLength): ArrayBuffer, or a negative errno
  Napi::Value MapMemory(const Napi::CallbackInfo& info) {
    if (!ring_) return Napi::Number::New(info.Env(), -EBADF);
    const std::size_t size = static_cast<std::size_t>(info[0].As<Napi::Number>().Int64Value());
    char* data = ring_->MapMemory(size);
    if (data == nullptr) return Napi::Number::New(info.Env(), -errno);
    return Expose(info.Env(), Napi::Object(), nullptr, data, size);
  }

  void Adopt(const Napi::CallbackInfo& info) {
    if (ring_) ring_->Adopt(info[0].As<Napi::Number>().Int32Value());
  }

  void CloseAdopted(const Napi::CallbackInfo& info) {
    if (ring_) ring_->CloseAdopted(info[0].As<Napi::Number>().Int32Value());
  }

  void Disown(const Napi::CallbackInfo& info) {
    if (ring_) ring_->Disown(info[0].As<Napi::Number>().Int32Value());
  }

  /// expectStray(slot, generation)
  void ExpectStray(const Napi::CallbackInfo& info) {
    if (ring_) ring_->ExpectStray(info[0].As<Napi::Number>().Uint32Value(), info[1].As<Napi::Number>().Uint32Value());
  }

  /// share(word: Int32Array), which is kept until it is taken back or the ring goes.
  void Share(const Napi::CallbackInfo& info) {
    if (!ring_) return;
    shared_.push_back(Napi::Persistent(info[0].As<Napi::Object>()));
    ring_->Share(WordOf(info[0]));
  }

  void Unshare(const Napi::CallbackInfo& info) {
    if (!ring_) return;
    std::int32_t* word = WordOf(info[0]);
    ring_->Unshare(word);
    const auto is_word = [word](Napi::ObjectReference& kept) { return WordOf(kept.Value()) == word; };
    shared_.erase(std::remove_if(shared_.begin(), shared_.end(), is_word), shared_.end());
  }

  /// Where a TypedArray's elements stand, be its buffer shared or not.
  static void* ElementsOf(Napi::Value array) {
    void* data = nullptr;
    napi_get_typedarray_info(array.Env(), array, nullptr, nullptr, &data, nullptr, nullptr);
    return data;
  }

  static std::int32_t* WordOf(Napi::Value array) { return static_cast<std::int32_t*>(ElementsOf(array)); }

  void Close(const Napi::CallbackInfo& info) { Drop(info.Env()); }

  /// What the kernel does not let go of at once keeps the ring open, but no more than that.
  /// Whether the kernel has let go of everything.
  Napi::Value Abandon(const Napi::CallbackInfo& info) {
    if (ring_) {
      ring_->Revoke();
      Hide(info.Env());
      abandoned_ = std::move(ring_);
    }
    return Napi::Boolean::New(info.Env(), !abandoned_ || abandoned_->Settle());
  }

  /// Drops what has completed. Whether the kernel has let go of everything that the ring had.
  Napi::Value Settled(const Napi::CallbackInfo& info) {
    const std::shared_ptr<Ring>& ring = abandoned_ ? abandoned_ : ring_;
    return Napi::Boolean::New(info.Env(), !ring || ring->Settled());
  }

  void Drop(Napi::Env env) {
    if (abandoned_) ring_ = std::move(abandoned_);
    if (!ring_) return;
    napi_remove_env_cleanup_hook(env, EndRing, hook_);
    delete hook_;
    hook_ = nullptr;
    Hide(env);
    ring_->Close();
    ring_.reset();
  }

  /// Views of unmapped memory would be a crash in JavaScript; views of a detached buffer are empty.
  void Hide(Napi::Env env) {
    for (Napi::Reference<Napi::ArrayBuffer>& buffer : exposed_) {
      if (!buffer.IsEmpty()) napi_detach_arraybuffer(env, buffer.Value());
    }
    exposed_.clear();
    shared_.clear();
  }

  std::shared_ptr<Ring> ring_;
  /// A ring that is of no use any more, and that the kernel has not let go of.
  std::shared_ptr<Ring> abandoned_;
  std::shared_ptr<Ring>* hook_ = nullptr;
  std::vector<Napi::Reference<Napi::ArrayBuffer>> exposed_;
  std::vector<Napi::ObjectReference> shared_;
};

/// addressOf(buffer: ArrayBuffer): number. User space has 47 bits of address, so a double holds it.
Napi::Value AddressOf(const Napi::CallbackInfo& info) {
  const auto address = reinterpret_cast<std::uintptr_t>(info[0].As<Napi::ArrayBuffer>().Data());
  return Napi::Number::New(info.Env(), static_cast<double>(address));
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("Ring", RingObject::Define(env));
  exports.Set("addressOf", Napi::Function::New<AddressOf>(env, "addressOf"));
  return exports;
}

}  // namespace

NODE_API_MODULE(polyring_uring, Init)

}  // namespace polyring
