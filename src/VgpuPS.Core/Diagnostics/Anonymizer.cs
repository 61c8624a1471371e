using System.Text;
using System.Text.RegularExpressions;
using VgpuPS.Core.Proxmox;

namespace VgpuPS.Core.Diagnostics;

/// <summary>
/// Replaces names of VMs, containers and hosts, UUIDs, serial numbers of devices, addresses of networks and of people;
/// the same one by the same word everywhere in a bundle, and by another in the next. Numbers of VMs and containers, and
/// PCI addresses, stay: without them the files say nothing together.
/// </summary>
/// <param name="salt">Drawn anew for each bundle, so that names cannot be tried out.</param>
public sealed partial class Anonymizer(string salt)
{
    private readonly List<(Regex Pattern, string Word)> _names = [];

    /// <summary>Replaces a VM's name by its number: <c>vm-101</c>. A name of digits alone stays.</summary>
    public void AddVm(int id, string? name) =>
        Add(name, string.Create(CultureInfo.InvariantCulture, $"vm-{id}"), RegexOptions.None);

    /// <summary>Replaces a container's name by its number: <c>ct-200</c>. A name of digits alone stays.</summary>
    public void AddContainer(int id, string? name) =>
        Add(name, string.Create(CultureInfo.InvariantCulture, $"ct-{id}"), RegexOptions.None);

    /// <summary>Replaces a host's name.</summary>
    public void AddHost(string? name) => Add(name, HostWord(name ?? ""), RegexOptions.IgnoreCase);

    /// <summary>What stands for a host.</summary>
    public string HostWord(string name) => Word("host", name.ToLowerInvariant());

    /// <summary>The text with all of them replaced.</summary>
    public string Of(string text)
    {
        // The longest first: one name may be within another.
        var clean = _names.OrderByDescending(n => n.Pattern.ToString().Length)
            .Aggregate(text, (part, name) => name.Pattern.Replace(part, name.Word));
        clean = Uuid().Replace(clean, m => Word(m.Groups[1].Value.ToUpperInvariant(), m.Value.ToLowerInvariant()));
        clean = BareUuid().Replace(clean, m => Word("uuid", m.Value.ToLowerInvariant()));
        clean = Serial().Replace(clean, m => m.Groups[1].Value + Word("serial", m.Groups[2].Value));
        clean = Mail().Replace(clean, m => Word("mail", m.Value));
        clean = Mac().Replace(clean, m => Word("mac", m.Value.ToLowerInvariant()));
        clean = Ipv6().Replace(clean, m => m.Value == "::1" ? m.Value : Word("ip", m.Value.ToLowerInvariant()));
        return Ipv4().Replace(clean, m => m.Value is "127.0.0.1" or "0.0.0.0" ? m.Value : Word("ip", m.Value));
    }

    private void Add(string? name, string word, RegexOptions options)
    {
        if (!string.IsNullOrWhiteSpace(name) && !name.All(char.IsAsciiDigit))
        {
            _names.Add((new Regex(
                $"(?<![A-Za-z0-9_-]){Regex.Escape(name)}(?![A-Za-z0-9_-])", options | RegexOptions.CultureInvariant),
                word));
        }
    }

    private string Word(string kind, string name) =>
        $"{kind}-{Sha256.Of(Encoding.UTF8.GetBytes($"{salt}:{kind}:{name}"))[..8]}";

    [GeneratedRegex(
        @"\b(GPU|MIG)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Uuid();

    // Of VMs, vGPUs and file systems. One that Proxmox makes for a mediated device is the VM's number.
    [GeneratedRegex(
        @"(?<![0-9A-Za-z-])(?!\d{8}-0000-0000-0000-\d{12}\b)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
            + "(?![0-9A-Za-z-])",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BareUuid();

    // As nvidia-smi, lspci and the kernel's log write it: with a digit, so that no prose is taken for one.
    [GeneratedRegex(
        "(\\bserial(?: ?number)?(?=[ \\t:=\"])\"?[ \\t]{0,64}(?:[:=]|is)?[ \\t]{0,8}\"?)"
            + "(?=[A-Za-z-]*[0-9])([A-Za-z0-9-]{6,64})(?![\\w-])",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Serial();

    [GeneratedRegex(
        @"\b[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}\b", RegexOptions.CultureInvariant)]
    private static partial Regex Mail();

    [GeneratedRegex(@"(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:])",
        RegexOptions.CultureInvariant)]
    private static partial Regex Mac();

    // Addresses of PCI functions have two colons and a dot, times two colons.
    [GeneratedRegex(
        @"(?<![0-9A-Fa-f:.])(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}"
            + @"|(?=[0-9A-Fa-f:]*::)(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{1,4})(?![0-9A-Fa-f:])",
        RegexOptions.CultureInvariant)]
    private static partial Regex Ipv6();

    [GeneratedRegex(@"(?<![0-9A-Za-z.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![0-9.])",
        RegexOptions.CultureInvariant)]
    private static partial Regex Ipv4();
}
