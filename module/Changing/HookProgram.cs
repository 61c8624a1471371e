using System.Security.Cryptography;

namespace VgpuPS.Changing;

/// <summary>The <c>vgpu-hook</c> that an installation brings to a host.</summary>
/// <param name="Path">Where it lies here.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record HookProgram(string Path, byte[] Content)
{
    private const int LargestProgram = 256 << 20;
    private const int HeaderSize = 20;
    private const byte SixtyFourBit = 2;
    private const byte Amd64 = 0x3E;
    private const string HowToGet =
        $"extract it from a release's zip ({HelpPages.Releases}), and name it: -Path VgpuPS/hookscripts/vgpu-hook; "
            + "on Linux "
        + "build it with dotnet publish module";

    /// <summary>SHA-256, hexadecimal.</summary>
    public string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(Content));

    /// <summary>Reads the one that is named, or the one that the module brings.</summary>
    /// <exception cref="VgpuException">There is none, or it is not a program for a Proxmox host.</exception>
    public static HookProgram Load(string? path)
    {
        var file = path ?? System.IO.Path.GetFullPath(System.IO.Path.Combine(
            System.IO.Path.GetDirectoryName(typeof(HookProgram).Assembly.Location)!, "..", "..", "hookscripts",
            "vgpu-hook"));
        byte[] content;
        try
        {
            content = new FileInfo(file).Length <= LargestProgram ? File.ReadAllBytes(file) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ObjectNotFoundException(
                ErrorIds.HookNotInstalled,
                path is null
                    ? $"this module has no vgpu-hook inside: {e.Message}" : $"there is no program {file}: {e.Message}",
                HowToGet, file, e);
        }

        // Source: elf(5): class at 4, machine at 18.
        return content.Length > HeaderSize && content.AsSpan(0, 4).SequenceEqual("\u007fELF"u8)
            && content[4] == SixtyFourBit && content[18] == Amd64
            ? new HookProgram(file, content)
            : throw new UnreadableDataException(
                ErrorIds.HookProgramUnusable, $"{file} ({content.Length} bytes) is not a program for Linux on x86-64",
                HowToGet, file);
    }
}
