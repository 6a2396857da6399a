{
  "variables": { "polyring_sanitize%": "" },
  "targets": [
    {
      "target_name": "polyring_sys",
      "sources": [
        "native/addon.cc",
        "native/descriptor.cc",
        "native/epoll.cc",
        "native/eventfd.cc",
        "native/file.cc",
        "native/inotify.cc",
        "native/loop_watch.cc",
        "native/memfd.cc",
        "native/message.cc",
        "native/pair.cc",
        "native/pidfd.cc",
        "native/poll.cc",
        "native/signalfd.cc",
        "native/socket.cc",
        "native/timerfd.cc",
        "native/view.cc"
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
