using VgpuPS.Core.Platform;
using VgpuPS.Lab.Models;

namespace VgpuPS.LabHook;

/// <summary>Reads what a face is asked to make a simulated host of, in that face's own names.</summary>
/// <param name="nameOf">An option as it is written there: <c>--kernel</c>, <c>-Kernel</c>.</param>
/// <param name="advice">What to do about a wrong one.</param>
public sealed class LabRequestCheck(Func<string, string> nameOf, string advice)
{
    private const int LargestModel = 1 << 20;

    /// <summary>A kernel's release; it becomes part of paths.</summary>
    /// <param name="release">What was asked for; null for none.</param>
    /// <param name="option">Name of the option.</param>
    /// <exception cref="InvalidRequestException">It is none.</exception>
    public string? Kernel(string? release, string option = "kernel") => release is null
        || (KernelRelease.TryParse(release, out _) && release.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-'))
        ? release : throw Wrong($"{nameOf(option)} {release} is not a kernel release, such as 6.14.11-4-pve");

    /// <summary>Version of a driver; it becomes part of paths.</summary>
    /// <param name="version">What was asked for; null for none.</param>
    /// <exception cref="InvalidRequestException">It is none.</exception>
    public string? Driver(string? version) => version is null
        || (version.Split('.') is { Length: 2 or 3 } parts
            && parts.All(p => p.Length is > 0 and < 6 && p.All(char.IsAsciiDigit)))
        ? version : throw Wrong($"{nameOf("driver")} {version} is not a driver version, such as 580.105.06");

    /// <summary>Sockets, cores and NUMA nodes.</summary>
    /// <param name="text">What was asked for; null for the usual ones.</param>
    /// <exception cref="InvalidRequestException">It is none.</exception>
    public LabCpus Topology(string? text)
    {
        try
        {
            return text is null ? new LabCpus() : LabCpus.Parse(text);
        }
        catch (FormatException e)
        {
            throw Wrong($"{nameOf("topology")} {text}: {e.Message}");
        }
    }

    /// <summary>A node's name; it becomes part of paths.</summary>
    /// <param name="name">What was asked for.</param>
    /// <exception cref="InvalidRequestException">It is none.</exception>
    /// <remarks>Source: PVE::JSONSchema, pve_verify_node_name; 63 characters are a host name's (RFC 1123).</remarks>
    public string Node(string name) =>
        name.Length is > 0 and <= 63 && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            && name[0] != '-' && name[^1] != '-'
            ? name : throw Wrong($"'{name}' is not a node name: letters, digits and '-' between them, 63 characters "
                + "maximum");

    /// <summary>Addresses of boards.</summary>
    /// <param name="texts">What was asked for.</param>
    /// <exception cref="InvalidRequestException">One is none, or is there twice.</exception>
    public IReadOnlyList<PciAddress> Addresses(IEnumerable<string> texts)
    {
        var addresses = new List<PciAddress>();
        foreach (var text in texts)
        {
            if (!PciAddress.TryParse(text, out var address) || address.Function != 0)
            {
                throw Wrong(
                    $"{nameOf("address")} {text} is not the address of a GPU, such as 0001:89:00.0",
                    ErrorIds.InvalidAddress);
            }

            addresses.Add(address);
        }

        return addresses.Distinct().Count() == addresses.Count ? addresses
            : throw Wrong($"{nameOf("address")} names an address twice");
    }

    /// <summary>Reads the files that describe models.</summary>
    /// <param name="files">Paths on this machine.</param>
    /// <exception cref="VgpuException">One is not there, or describes none.</exception>
    public static IReadOnlyList<GpuModel> Models(IEnumerable<string> files) =>
        [.. files.Select(file => GpuModel.Parse(
            System.Text.Encoding.UTF8.GetString(Commands.LocalFile.Read(file, LargestModel)), file))];

    /// <summary>Checks that what is asked for goes together: models that are there, addresses that are free.</summary>
    /// <param name="options">All of it.</param>
    /// <exception cref="InvalidRequestException">It does not.</exception>
    public LabOptions Check(LabOptions options)
    {
        foreach (var name in options.Gpus.Where(g => !options.Models.Any(m => m.IsNamed(g))))
        {
            try
            {
                GpuModel.Load(name);
            }
            catch (ArgumentException)
            {
                throw Wrong(
                    $"the lab has no GPU model '{name}', which {nameOf("model")} FILE can describe; it has "
                        + string.Join(", ", GpuModel.Names.Select(n => GpuModel.Load(n).Aliases.FirstOrDefault(n))),
                    ErrorIds.LabModelNotFound);
            }
        }

        var boards = options.Gpus
            .Select(g => options.Models.FirstOrDefault(m => m.IsNamed(g)) ?? GpuModel.Load(g)).ToList();
        return options.Addresses.Count > boards.Count
            ? throw Wrong($"{nameOf("address")} is there {options.Addresses.Count} times, and there "
                + (boards.Count == 1 ? "is 1 board" : $"are {boards.Count} boards"))
            : options.IsInDisplayMode && !boards.Exists(b => b.HasDisplayMode)
            ? throw Wrong($"{nameOf("display-mode")} is of no use: no display mode is known of "
                + string.Join(", ", boards.Select(b => b.Name).Distinct()))
            : options;
    }

    /// <summary>Makes the host.</summary>
    /// <param name="make">Makes it of checked options.</param>
    /// <param name="options">All that was asked for.</param>
    /// <exception cref="InvalidRequestException">It cannot be made of that.</exception>
    public LabHostNode Make(Func<LabOptions, LabHost> make, LabOptions options)
    {
        try
        {
            return new LabHostNode(make(Check(options)));
        }
        catch (ArgumentException e)
        {
            throw Wrong(
                e.Message, e is ArgumentOutOfRangeException ? ErrorIds.CountOutOfRange : ErrorIds.LabOptionUnusable);
        }
    }

    private InvalidRequestException Wrong(string message, string id = ErrorIds.LabOptionUnusable) =>
        new(id, message, advice);
}
