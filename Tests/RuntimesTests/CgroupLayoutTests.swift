import Runtimes
import Testing

/// What `/proc` says of cgroups on machines of all kinds.
@Suite struct CgroupLayoutTests {
    @Test func `version 2 alone, as systemd has it`() {
        let layout = CgroupLayout(
            mounts: """
                22 1 0:20 / /sys rw - sysfs sysfs rw
                30 22 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate
                """,
            groups: "0::/system.slice/keelson.service\n")
        #expect(layout.unified == "/sys/fs/cgroup/system.slice/keelson.service")
        #expect(layout.controllers.isEmpty)
    }

    @Test func `both versions side by side`() {
        let layout = CgroupLayout(
            mounts: """
                31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
                32 30 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
                33 30 0:29 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd
                34 30 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup rw
                """,
            groups: """
                4:memory:/user/a:b
                3:cpu,cpuacct:/
                1:name=systemd:/
                0::/
                """)
        #expect(layout.unified == "/sys/fs/cgroup/unified")
        #expect(layout.controllers["memory"] == "/sys/fs/cgroup/memory/user/a:b")
        #expect(layout.controllers["cpu"] == "/sys/fs/cgroup/cpu,cpuacct")
        #expect(layout.controllers["cpuacct"] == layout.controllers["cpu"])
    }

    @Test func `inside of a container, where the root is our own group`() {
        let layout = CgroupLayout(
            mounts: "40 30 0:26 /docker/c1 /sys/fs/cgroup rw - cgroup2 cgroup rw",
            groups: "0::/docker/c1/sub")
        #expect(layout.unified == "/sys/fs/cgroup/sub")
    }

    @Test(arguments: ["", "garbage", "1 2 3 4 5 - cgroup2", "0::", ":::\n- - -"])
    func `what cannot be understood is nothing`(_ text: String) {
        let layout = CgroupLayout(mounts: text, groups: text)
        #expect(layout.unified == nil && layout.controllers.isEmpty)
    }
}
