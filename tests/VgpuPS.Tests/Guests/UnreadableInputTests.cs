using System.Text;
using FsCheck.Fluent;
using VgpuPS.Core.Cpu;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using VgpuPS.Core.Platform;
using VgpuPS.Core.Proxmox;
using Xunit;

namespace VgpuPS.Tests.Guests;

/// <summary>No reader fails on bytes of any kind, but for a file that is too large.</summary>
public sealed class UnreadableInputTests
{
    private static readonly string[] s_fragments =
    [
        "\n", "\n", "\n", "\t", " ", "\r", "\0", "ÿ", ",", ";", "=", ":", "#", "%", "%4", "%C3", "[", "]", "\"", "->",
        "0x", "hostpci0: ", "hostpci15:", "hostpci99999999999: ", "41:00.4", "0000:41:00", "mapping=gpu1", "mdev=",
        "nvidia-1131", "driver=keep", "pcie=1", "[PENDING]\n", "[special:cloudinit]\n", "[snap]\n", "delete: a,!b\n",
        "args: x\n", "description: %", "snapstate: delete\n", "memory: current=", "smbios1: uuid=", "template: 1\n",
        "cores: 99999999999999\n", "gpu1\n", "\tmap node=pve1,path=0000:41:00.4,id=10de:2331\n", "\tmdev ",
        "dir: local\n", "\tpath /", "\tcontent snippets\n", "0000:41:00.4 100 time:", "pid:", "99999999999999999999",
        "1: FLOCK ADVISORY WRITE 1 00:1a:5 0 EOF", "Package: p\n", "Status: install ok installed\n", "Version: ",
        "1147  : NVIDIA L40S-1Q\n", "NVIDIA A40-1Q 557\n", "num_heads=4, ", "framebuffer=M", "ID    : vGPU Name\n",
    ];

    public static TheoryData<string> Readers => [.. Actions.Keys];

    private static Dictionary<string, Action<byte[]>> Actions => new()
    {
        ["configuration 8"] = raw => Touch(VmConfigReader.Read(raw, PveGeneration.Pve8)),
        ["configuration 9"] = raw => Touch(VmConfigReader.Read(raw, PveGeneration.Pve9)),
        ["generation"] = raw => PveGeneration.FromUse(raw),
        ["version"] = raw => PveGeneration.FromVersion(Encoding.Latin1.GetString(raw)),
        ["hostpci"] = raw => HostPciGrammar.Parse(0, Encoding.Latin1.GetString(raw), PveGeneration.Pve9),
        ["mappings"] = raw => PciMappings.Read(raw),
        ["reservations"] = raw => PciReservations.Read(raw).Write(),
        ["locks"] = raw => FileLock.Read(raw),
        ["packages"] = raw => DpkgStatus.ReadInstalled(raw),
        ["high availability"] = raw => HighAvailability.Read(raw, raw, raw),
        ["replication"] = raw => ReplicationJob.ReadAll(raw),
        ["container"] = raw => ContainerConfig.Read(new VmId(200), raw),
        ["storages"] = raw => StorageConfig.Read(raw),
        ["snippets"] = raw => SnippetVolumes.Resolve(Encoding.Latin1.GetString(raw), StorageConfig.Read(raw)),
        ["creatable types"] = raw => CreatableVgpuType.Read(raw),
    };

    [Theory]
    [MemberData(nameof(Readers))]
    public void Reader_takes_any_bytes(string reader)
    {
        var read = Actions[reader];
        var bytes = ArbMap.Default.GeneratorFor<byte[]>();
        var pieces = Gen.Elements(s_fragments).ListOf().Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts)));
        var mixed =
            from head in pieces
            from middle in bytes
            from tail in pieces
            select (byte[])[.. head, .. middle, .. tail];

        Prop.ForAll(
            Gen.OneOf(bytes, pieces, mixed).ToArbitrary(),
            raw =>
            {
                read(raw);
                return true;
            }).Holds(400);
    }

    [Fact]
    public void Written_configuration_drops_nothing_when_it_is_read_again()
    {
        var pieces = Gen.Elements(s_fragments).ListOf().Select(string.Concat);

        Prop.ForAll(
            pieces.ToArbitrary(),
            text =>
            {
                var config = VmConfigReader.Read(text, PveGeneration.Pve9);
                var again = VmConfigReader.Read(VmConfigWriter.Write(config), PveGeneration.Pve9);
                return again.Dropped.Count == 0 && again.HostPci.Count == config.HostPci.Count;
            }).Holds();
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void Far_too_large_file_is_refused_or_read(string reader)
    {
        var raw = new byte[(16 * 1024 * 1024) + 1];

        var error = Record.Exception(() => Actions[reader](raw));

        Assert.True(error is null or UnreadableDataException, $"{error}");
    }

    private static void Touch(VmConfig config)
    {
        _ = (config.MemoryMiB, config.SmbiosUuid, config.DroppedHostPci, config.Pending.Deletions);
        _ = config.HostPci.Select(entry => (entry.VgpuType, entry.ChoiceError, entry.Hosts)).ToList();
        VmConfigWriter.Write(config);
    }
}
