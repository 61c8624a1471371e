using System.Text;
using VgpuPS.Core.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Guests;

public sealed class StorageConfigTests
{
    private const string Storages =
        "dir: local\n\tpath /var/lib/vz\n\tcontent iso,vztmpl,backup\n\nlvmthin: local-lvm\n\tthinpool data\n"
        + "\tvgname pve\n\tcontent images\n\ndir: peer\n\tpath /peer/vz/\n\tcontent snippets,iso\n\n"
        + "nfs: share\n\tserver 10.0.0.1\n\texport /x\n\tcontent snippets\n\tcontent-dirs iso=a,snippets=/my/hooks\n\n"
        + "cifs: win\n\tpath /mnt/elsewhere\n\tserver 10.0.0.2\n\tshare y\n\n"
        + "cephfs: ceph\n\tcontent snippets\n\tdisable\n\tnodes pve1,pve2\n";

    [Theory]
    [InlineData("local:snippets/vgpu-hook", "/var/lib/vz/snippets/vgpu-hook", false)]
    [InlineData("peer:snippets/hook.pl", "/peer/vz/snippets/hook.pl", true)]
    [InlineData("share:snippets/h", "/mnt/pve/share/my/hooks/h", true)]
    [InlineData("win:snippets/h", "/mnt/elsewhere/snippets/h", false)]
    [InlineData("ceph:snippets/h", "/mnt/pve/ceph/snippets/h", true)]
    public void Volume_of_a_snippet_leads_to_its_file(string volume, string path, bool isListed) =>
        Assert.Equal(new SnippetVolume(path, isListed, null), Resolve(volume, Storages));

    [Theory]
    [InlineData("peer:iso/hook.iso", "'peer:iso/hook.iso' is not in the snippets directory")]
    [InlineData("peer:snippets/a/b", "'peer:snippets/a/b' is not in the snippets directory")]
    [InlineData("peer:snippets/..", "'peer:snippets/..' is not in the snippets directory")]
    [InlineData("peer:snippets/", "'peer:snippets/' is not in the snippets directory")]
    [InlineData("local-lvm:vm-100-disk-0", "'local-lvm:vm-100-disk-0' is not in the snippets directory")]
    [InlineData("none:snippets/h", "storage 'none' does not exist")]
    [InlineData("/root/hook", "unable to parse volume ID '/root/hook'")]
    public void Volume_that_is_no_snippet_is_refused(string volume, string error) =>
        Assert.Equal(new SnippetVolume(null, false, error), Resolve(volume, Storages));

    [Theory]
    [InlineData("")]
    [InlineData("dir: local\n\tpath /elsewhere\n\tcontent iso\n")]
    [InlineData("nfs: local\n\tserver 10.0.0.1\n")]
    public void Local_has_its_fixed_path_whatever_is_configured(string storages) =>
        Assert.Equal(
            new SnippetVolume("/var/lib/vz/snippets/h", true, null), Resolve("local:snippets/h", storages));

    [Fact]
    public void Switched_off_storage_and_its_nodes_are_reported()
    {
        var ceph = StorageConfig.Read(Encoding.ASCII.GetBytes(Storages)).Find("ceph")!;

        Assert.True(ceph.IsDisabled);
        Assert.Equal(["pve1", "pve2"], ceph.Nodes);
    }

    private static SnippetVolume Resolve(string volume, string storages) =>
        SnippetVolumes.Resolve(volume, StorageConfig.Read(Encoding.ASCII.GetBytes(storages)));
}
