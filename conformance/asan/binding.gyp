{
  "targets": [
    {
      "target_name": "witness",
      "sources": [
        "native/witness.cc",
        "native/watched_ring.cc",
        "native/memory_state.cc"
      ],
      "include_dirs": ["../../packages/backend-uring/native"],
      "cflags": ["-Wall", "-Wextra", "-fvisibility=hidden"],
      "cflags_cc": ["-std=c++17", "-fno-exceptions"],
      "libraries": ["-ldl"]
    },
    {
      "target_name": "instruments",
      "sources": [
        "native/addon.cc",
        "native/storm.cc",
        "native/unsafe_ring.cc",
        "../../packages/backend-uring/native/ring.cc"
      ],
      "include_dirs": [
        "<!(node -p \"require('node-addon-api').include_dir\")",
        "../../packages/backend-uring/native"
      ],
      "defines": ["NAPI_VERSION=8", "NAPI_DISABLE_CPP_EXCEPTIONS", "NODE_ADDON_API_DISABLE_DEPRECATED"],
      "cflags": ["-Wall", "-Wextra", "-fvisibility=hidden"],
      "cflags_cc": ["-std=c++17", "-fno-exceptions"]
    }
  ]
}
