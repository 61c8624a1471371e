using System.Runtime.Versioning;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Rows;
using VgpuPS.Host.Linux;
using VgpuPS.Host.Seams;
using VgpuPS.Lab.Files;
using VgpuPS.Lab.Machine;
using VgpuPS.Tests.Operations.Doctor;
using VgpuPS.Tests.Seams;
using Xunit;

namespace VgpuPS.Tests.Text;

/// <summary>What root acts on must be root's, with every folder above it, and writable by nobody else.</summary>
public sealed class FileTrustTests
{
    private const string Settings = "/etc/vgpups/config.json";
    private const string Layout = "/etc/vgpups/layout.json";
    private const string Script = "/opt/site/other-hook";
    private const string Chain = $$$$"""{"chain":{"101":{"path":"{{{{Script}}}}"}}}""";
    private const int Open = FileModes.Mode666;
    private const int OpenFolder = FileModes.Mode777;
    private const uint Nobody = 65534;

    public static TheoryData<string, string> Others => new()
    {
        { Settings, "file mode" }, { Settings, "file owner" }, { "/etc/vgpups", "folder mode" },
        { "/etc/vgpups", "folder owner" }, { "/etc", "folder mode" },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void Configuration_that_others_can_change_is_refused_with_the_command_that_closes_it(string path, string how)
    {
        var s = With(Settings, "{}");
        Break(s, path, how);
        s.Refuses(
            101, "the configuration", path, how.EndsWith("owner", StringComparison.Ordinal) ? "65534" : "has mode 0",
            how.EndsWith("owner", StringComparison.Ordinal)
                ? $"do: see who did it, and restrict it: chown root:root {path}" : $"chmod go-w {path}");
        Assert.Equal(69, s.Node.Hook("101", "pre-start").ExitCode);
        var finding = Assert.Single(RunDoctorTests.Ask(s.Node, "Files").Findings);
        Assert.Equal(("FileNotTrusted", nameof(CheckVerdict.Failed)), (finding.Check, finding.Verdict));
    }

    [Fact]
    public void Layout_that_others_can_change_is_not_applied_and_the_sweep_still_runs()
    {
        var s = With(Layout, """{"version":1,"gpus":[]}""");
        Break(s, Layout, "file mode");
        var boot = s.Node.Hook("boot");
        Assert.Equal(69, boot.ExitCode);
        Assert.Contains($"chmod go-w {Layout}", boot.Error, StringComparison.Ordinal);
        s.Starts(101);
    }

    [Theory]
    [InlineData(Script, "file mode")]
    [InlineData(Script, "file owner")]
    [InlineData("/opt/site", "folder mode")]
    [InlineData("/opt", "folder owner")]
    public void Chained_script_that_others_can_change_is_not_run(string path, string how)
    {
        var ran = 0;
        var s = With(Settings, Chain);
        s.Host.Put(Script, "#!/bin/sh", FileModes.Mode755);
        s.Host.Processes.Programs[Script] = _ =>
        {
            ran++;
            return new ProcessResult(0, null, false, 0, "", "");
        };
        s.Starts(101);
        s.Stops(101);
        Assert.True(ran > 0);
        ran = 0;
        var before = s.Node.Snapshot();
        Break(s, path, how);
        s.Refuses(101, "chained script", Script, path, "restrict it: ch");
        s.Is(before);
        Assert.Equal(0, ran);
        Assert.Contains(RunDoctorTests.Ask(s.Node).Findings, c => c.Check == "FileNotTrusted");
    }

    [Fact]
    public void Snippets_folder_of_nobody_is_a_warning_and_no_refused_start()
    {
        var s = With(Settings, "{}");
        s.Host.Edit(state => LabTree.Find(state, "/var/lib/vz/snippets")!.Owner = Nobody);
        s.Host.Edit(state => LabTree.Find(state, "/var/lib/vz/snippets/vgpu-hook")!.Owner = Nobody);
        s.Starts(101);
        var finding = Assert.Single(RunDoctorTests.Ask(s.Node, "Files").Findings);
        Assert.Equal(("HookFileNotTrusted", nameof(CheckVerdict.Warning)), (finding.Check, finding.Verdict));
        Assert.Contains("chown root:root /var/lib/vz/snippets", finding.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Folders_above_and_links_are_followed_on_a_real_file_system()
    {
        using var folder = new RealFolder();
        folder.Put("/a/b/file", "x");
        Assert.True(FileTrustReader.Find(folder.Files, "/a/b/file")!.IsTrusted);
        Assert.Null(FileTrustReader.Find(folder.Files, "/a/b/none"));
        File.SetUnixFileMode(folder.Real("/a/b"), (UnixFileMode)OpenFolder);
        var found = FileTrustReader.Find(folder.Files, "/a/b/file")!;
        Assert.Equal("folder /a/b has mode 0777", found.Description);
        Assert.Equal("chmod go-w /a/b", found.Fix);
        Assert.Equal(ErrorIds.FileNotTrusted, Assert.Throws<HostNotReadyException>(
            () => FileTrustReader.Require(folder.Files, "/a/b/file", "the file")).ErrorId);

        // The link is root's own; where it leads is not.
        folder.Link("/c/link", "../a/b/file");
        Assert.Equal("folder /a/b has mode 0777", FileTrustReader.Find(folder.Files, "/c/link")!.Description);
        folder.Link("/c/loop", "loop");
        Assert.Equal(
            Errno.ELOOP, Assert.Throws<HostFileException>(() => FileTrustReader.Find(folder.Files, "/c/loop")).Number);
    }

    [Theory]
    [InlineData("nfs4", true)]
    [InlineData("fuse.glusterfs", true)]
    [InlineData("ext4", false)]
    public void Owner_on_a_network_file_system_is_another_machines_word(string type, bool isOnNetwork)
    {
        var files = new FileTree();
        files.CreateDirectory("/mnt", OpenFolder);
        files["/mnt/x"] = "y";
        files["/proc/self/mountinfo"] =
            $"21 1 0:5 / /proc rw - proc proc rw\n36 35 0:26 / /mnt rw,noatime shared:1 - {type} srv:/x rw\n";
        var trust = FileTrustReader.Find(files, "/mnt/x")!;
        Assert.False(trust.IsTrusted);
        Assert.Equal(isOnNetwork, trust.IsOnNetwork);
        Assert.Equal(isOnNetwork, Record.Exception(() => FileTrustReader.Require(files, "/mnt/x", "x")) is null);
    }

    private static Situation With(string path, string text)
    {
        var s = Situation.Of("9.2", LabBackend.Vfio).Vm(101, "0=0000:4b:00.4,mdev=nvidia-689");
        s.Host.Put(path, text);
        return s;
    }

    private static void Break(Situation s, string path, string how) => s.Host.Edit(state =>
    {
        var entry = LabTree.Find(state, path)!;
        if (how.EndsWith("owner", StringComparison.Ordinal))
        {
            entry.Owner = Nobody;
        }
        else
        {
            entry.Mode = entry.IsFolder ? OpenFolder : Open;
        }
    });
}
