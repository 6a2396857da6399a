{
  "variables": { "polyring_sanitize%": "" },
  "targets": [
    {
      "target_name": "polyring_uring",
      "sources": [
        "native/addon.cc",
        "native/ring.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": [
        "NAPI_VERSION=8",
        "NAPI_DISABLE_CPP_EXCEPTIONS",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        # While a worker is terminated nothing can be thrown into it, and that would end the process.
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"
      ],
      "cflags": ["-Wall", "-Wextra", "-fvisibility=hidden"],
      "cflags_cc": ["-std=c++17", "-fno-exceptions"],
      "conditions": [
        [
          "polyring_sanitize!=''",
          {
            "cflags!": ["-O3", "-O2"],
            "cflags": ["-fsanitize=<(polyring_sanitize)", "-fno-omit-frame-pointer", "-g", "-O1"],
            "ldflags": ["-fsanitize=<(polyring_sanitize)"]
          }
        ]
      ]
    }
  ]
}
