using System.Text;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Guests;

public sealed class VmConfigReaderTests
{
    [Fact]
    public void Last_duplicate_that_parses_wins()
    {
        var config = Read("hostpci0: 41:00.4\nhostpci0: 41:00.5\nhostpci0: 41:xx\n");

        Assert.Equal(["41:00.5"], config.HostPci.Single().Hosts);
        Assert.Equal(3, config.Dropped.Single().Number);
    }

    [Fact]
    public void Entries_come_in_ascending_index() =>
        Assert.Equal(
            [1, 2, 10],
            Read("hostpci10: 41:00.4\nhostpci2: 41:00.5\nhostpci1: 41:00.6\n").HostPci.Select(entry => entry.Index));

    [Fact]
    public void Dropped_hostpci_lines_of_the_main_section_are_named()
    {
        var config = Read(
            " hostpci1: 41:00.4\nHostpci2: 41:00.4\nhostpci16: 41:00.4\nhostpci3: gpu1\nweird\n[snap]\nhostpci4: x\n");

        Assert.Equal([1, 2, 16, 3], config.DroppedHostPci.Select(line => line.HostPciIndex!.Value));
        Assert.Equal(
            "vm 101 - unable to parse value of 'hostpci16' - unknown setting 'hostpci16'",
            config.DroppedHostPci[2].Warning(new VmId(101)));
    }

    [Fact]
    public void Driver_keep_makes_the_line_vanish_on_the_older_generation()
    {
        const string Text = "hostpci0: 41:00.4,driver=keep\n";

        Assert.True(Read(Text).HostPci.Single().KeepsDriver);
        Assert.Equal(
            DroppedLineKind.BadValue,
            VmConfigReader.Read(Text, PveGeneration.Pve8).DroppedHostPci.Single().Kind);
    }

    [Fact]
    public void Repeated_pending_section_starts_empty_again()
    {
        var config = Read("[PENDING]\nhostpci0: 41:00.4\ndelete: a\n[Pending]\nhostpci1: 41:00.5\n");

        Assert.Equal(["hostpci1"], config.Pending.Keys);
        Assert.Null(config.Pending.DeleteText);
    }

    [Fact]
    public void Pending_deletions_are_split_and_forced_ones_told_apart() =>
        Assert.Equal(
            ["hostpci2", "scsi1"],
            Read("[PENDING]\ndelete: hostpci2,!scsi1\n").Pending.Deletions);

    [Theory]
    [InlineData("[PENDING]", VmConfigSectionKind.Pending)]
    [InlineData("[pending]  ", VmConfigSectionKind.Pending)]
    [InlineData("[special:cloudinit]", VmConfigSectionKind.Special)]
    [InlineData("[snap-1]", VmConfigSectionKind.Snapshot)]
    [InlineData("[]", VmConfigSectionKind.Unknown)]
    [InlineData("[a]", VmConfigSectionKind.Unknown)]
    [InlineData("[1abc]", VmConfigSectionKind.Unknown)]
    [InlineData("[pending ]", VmConfigSectionKind.Unknown)]
    [InlineData("[special:other]", VmConfigSectionKind.Unknown)]
    [InlineData("[my section]", VmConfigSectionKind.Unknown)]
    public void Bracket_line_ends_the_main_section(string header, VmConfigSectionKind kind)
    {
        var config = Read($"machine: q35\n{header}\nhostpci0: 41:00.4\n");

        Assert.Empty(config.HostPci);
        Assert.Equal(kind == VmConfigSectionKind.Pending, config.Pending.HostPci.Count == 1);
        Assert.Equal(kind == VmConfigSectionKind.Special, config.SpecialSections.Count == 1);
        Assert.Equal(kind == VmConfigSectionKind.Snapshot, config.Snapshots.Count == 1);
        Assert.Equal(kind == VmConfigSectionKind.Unknown, config.Dropped.Count == 1);
    }

    [Fact]
    public void Description_is_decoded_and_joined_from_remarks_anywhere_in_the_section()
    {
        var config = Read("#a%3A b\nmachine: q35\n#%C3%A4 100%\ndescription: old%20style\n[snap]\n#of the snapshot\n");

        Assert.Equal("a: b\nä 100%\nold style", config.Main.Description);
        Assert.Equal("of the snapshot", config.Snapshots["snap"].Description);
    }

    [Fact]
    public void Snapshot_state_is_kept_of_snapshots_only()
    {
        var config = Read("snapstate: delete\n[snap]\nsnapstate: prepare\n");

        Assert.Null(config.Main.SnapshotState);
        Assert.Equal("prepare", config.Snapshots["snap"].SnapshotState);
    }

    [Fact]
    public void Delete_outside_of_pending_is_dropped() =>
        Assert.Equal(
            ["property 'delete' is only allowed in [PENDING]"],
            Read("delete: hostpci0\n").Dropped.Select(line => line.Reason));

    [Theory]
    [InlineData("hostpci0:", "unable to parse config: hostpci0:")]
    [InlineData("hostpci0 : 41:00.4", "unable to parse config: hostpci0 : 41:00.4")]
    [InlineData("\thostpci0: 41:00.4", "unable to parse config: \thostpci0: 41:00.4")]
    [InlineData("hostpci0: 41\r:00.4", "unable to parse value of 'hostpci0' - property contains a line feed")]
    [InlineData("template: maybe", "unable to parse value of 'template' - type check ('boolean') failed - got 'maybe'")]
    [InlineData("cores: two", "unable to parse value of 'cores' - type check ('integer') failed - got 'two'")]
    [InlineData("cpulimit: 1.", "unable to parse value of 'cpulimit' - type check ('number') failed - got '1.'")]
    [InlineData("hookscript: hook", "unable to parse value of 'hookscript' - unable to parse volume ID 'hook'")]
    [InlineData("net32: virtio", "unable to parse value of 'net32' - unknown setting 'net32'")]
    [InlineData("net01: virtio", "unable to parse value of 'net01' - unknown setting 'net01'")]
    [InlineData("vgpu: 1", "unable to parse value of 'vgpu' - unknown setting 'vgpu'")]
    public void Line_is_dropped_with_the_reason(string line, string reason)
    {
        var config = Read(line + "\n");

        Assert.Equal(reason, config.Dropped.Single().Reason);
        Assert.Equal(line, config.Dropped.Single().Line);
        Assert.Empty(config.Main.Keys);
    }

    [Fact]
    public void Value_of_blanks_alone_is_kept_and_names_no_device()
    {
        var entry = Read("hostpci0: \t\n").HostPci.Single();

        Assert.Equal("\t", entry.Value);
        Assert.Equal("Either 'host' or 'mapping' must be set.", entry.ChoiceError);
    }

    [Fact]
    public void Usual_keys_have_names_of_their_own()
    {
        var config = Read(
            "name: desk-7\nmemory: 8192\nlock: \"migrate\"\nargs: -a b \nhookscript: local:snippets/vgpu-hook\n"
            + "smbios1: base64=1,uuid=6f0fd7c9-0000-4f6c-8d9f-000000000001\ntemplate: yes\nmachine: pc-q35-9.2\r\n");

        Assert.Equal(
            ("desk-7", 8192L, "migrate", "-a b", "local:snippets/vgpu-hook"),
            (config.Name, config.MemoryMiB, config.Lock, config.Args, config.HookScript));
        Assert.Equal("6f0fd7c9-0000-4f6c-8d9f-000000000001", config.SmbiosUuid);
        Assert.True(config.IsTemplate);
        Assert.Equal("pc-q35-9.2", config.Machine);
        Assert.Empty(config.Dropped);
    }

    [Theory]
    [InlineData("memory: 2048", 2048L)]
    [InlineData("memory: current=4096", 4096L)]
    [InlineData("memory: lots", null)]
    [InlineData("cores: 2", null)]
    public void Memory_is_read_in_both_forms(string line, long? mib) => Assert.Equal(mib, Read(line).MemoryMiB);

    [Theory]
    [InlineData("name: desk-7\nmemory: 8192\n", "desk-7")]
    [InlineData("name: a\nname:  b \r\n[snap]\nname: c\n", "b")]
    [InlineData("[half\nname: a\n", "a")]
    [InlineData("[no such section]\nname: a\n", null)]
    [InlineData("#name: a\n name: b\nname:\nNAME: c\nnames: d", null)]
    [InlineData("memory: 8192\nname: ä\\\"x", "ä\\\"x")]
    [InlineData("", null)]
    public void Name_alone_is_the_configuration_s(string text, string? name)
    {
        Assert.Equal(name, VmConfigReader.FindName(Encoding.UTF8.GetBytes(text)));
        Assert.Equal(Read(text).Name, VmConfigReader.FindName(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Empty_file_is_an_empty_configuration()
    {
        var config = Read("");

        Assert.Empty(config.Main.Keys);
        Assert.Empty(config.Pending.Keys);
        Assert.Empty(config.Dropped);
    }

    [Fact]
    public void Bytes_that_are_no_text_spoil_their_own_line_only()
    {
        byte[] raw = [0xFF, 0x00, 0xFE, (byte)'\n', .. Encoding.ASCII.GetBytes("hostpci0: 41:00.4\n"), 0xC3];

        var config = VmConfigReader.Read(raw, PveGeneration.Pve9);

        Assert.Single(config.HostPci);
        Assert.Equal([1, 3], config.Dropped.Select(line => line.Number));
    }

    [Fact]
    public void File_that_no_cluster_can_hold_is_refused()
    {
        var error = Assert.Throws<UnreadableDataException>(
            () => VmConfigReader.Read(new byte[(1024 * 1024) + 1], PveGeneration.Pve9));

        Assert.Equal(ErrorIds.UnreadableData, error.ErrorId);
    }

    [Fact]
    public void Written_configuration_reads_as_the_same()
    {
        var config = Read("#ä%\nhostpci0: 41:00.4\n[PENDING]\ndelete: a,!b\n[s1]\n#x\nsnapstate: prepare\n");

        var again = VmConfigReader.Read(VmConfigWriter.Write(config), PveGeneration.Pve9);

        Assert.Equal("ä%", again.Main.Description);
        Assert.Equal(config.Main.Keys, again.Main.Keys);
        Assert.Equal("a,!b", again.Pending.DeleteText);
        Assert.Equal(("x", "prepare"), (again.Snapshots["s1"].Description, again.Snapshots["s1"].SnapshotState));
    }

    private static VmConfig Read(string text) => VmConfigReader.Read(text, PveGeneration.Pve9);
}
