using VgpuPS.Host.Linux;
using VgpuPS.Host.Proxmox;

namespace VgpuPS.Host.State;

/// <summary>
/// Files that a session uploads to the host for one use, each in a folder of its own that root alone may enter. A file
/// has its name once it is whole and its SHA-256 is the sender's; whatever goes wrong before takes the folder away.
/// </summary>
/// <param name="files">The host's files.</param>
/// <param name="processes">Runs <c>df</c> and <c>rmdir</c>.</param>
/// <param name="clock">Clock of what was left.</param>
/// <param name="processId">Our process: the files of a session are those of its agent.</param>
public sealed class UploadFolder(IHostFiles files, IProcessRunner processes, TimeProvider clock, int processId)
{
    /// <summary>Folder of ours that has nothing but <see cref="Root"/>.</summary>
    public const string Parent = "/var/lib/vgpups";

    /// <summary>Where they lie.</summary>
    public const string Root = Parent + "/uploads";

    /// <summary>Program that says how much is free.</summary>
    public const string FreeSpaceTool = "/usr/bin/df";

    /// <summary>Most bytes of a part.</summary>
    public const int MaxPart = 4 << 20;

    /// <summary>Most bytes of a file: NVIDIA's packages have some hundred millions.</summary>
    public const long MaxSize = 4L << 30;

    private const string What = "the uploaded file";
    private const string Suffix = ".part";
    private const int MaxName = 128;
    private const int IdLength = 16;
    private const long Margin = 256L << 20;

    // A part comes every few seconds; what is older belongs to an agent that was killed.
    private static readonly TimeSpan s_forgotten = TimeSpan.FromHours(24);
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    /// <summary>Takes a part, the first of which makes the file and the last of which gives it its name.</summary>
    /// <returns>Its path once it is whole; null before.</returns>
    /// <exception cref="VgpuException">It cannot be taken; nothing of the file stays.</exception>
    public async Task<string?> AddAsync(UploadPart part, CancellationToken cancellationToken)
    {
        Check(part);
        var folder = FolderOf(part.Id);
        try
        {
            if (part.Offset == 0)
            {
                await BeginAsync(part, folder, cancellationToken).ConfigureAwait(false);
            }

            Append(part, $"{folder}/{part.Name}{Suffix}");
            return part.Offset + part.Content.Length == part.Size ? Finish(part, folder, cancellationToken) : null;
        }
        catch (Exception e)
        {
            await RemoveAsync(part.Id, CancellationToken.None).ConfigureAwait(false);
            if (e is HostFileException failure)
            {
                throw HostFileErrors.ForWrite(failure, What);
            }

            throw;
        }
    }

    /// <summary>Removes a file that this session uploaded, whole or not.</summary>
    /// <param name="id">Its id; null for all that this session uploaded.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How many folders were removed.</returns>
    /// <exception cref="VgpuException">One cannot be removed.</exception>
    public Task<int> RemoveAsync(string? id, CancellationToken cancellationToken)
    {
        if (id is not null && !IsId(id))
        {
            throw Wrong($"'{id}' is not the id of an upload", id);
        }

        var own = id is null ? $"{processId}-" : FolderOf(id)[(Root.Length + 1)..];
        return RemoveAsync(n => id is null ? n.StartsWith(own, StringComparison.Ordinal) : n == own, cancellationToken);
    }

    /// <summary>Removes what agents left that were killed; what cannot be removed is left to the next time.</summary>
    public async Task RemoveForgottenAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RemoveAsync(IsForgotten, cancellationToken).ConfigureAwait(false);
        }
        catch (VgpuException)
        {
            // It is root's alone, and does no harm.
        }
    }

    private async Task BeginAsync(UploadPart part, string folder, CancellationToken cancellationToken)
    {
        await RemoveForgottenAsync(cancellationToken).ConfigureAwait(false);
        files.CreateDirectory(Root, FileModes.Mode700);
        if (FileTrustReader.Find(files, Root) is { IsTrusted: false } trust)
        {
            throw new AccessDeniedException(
                ErrorIds.AccessDenied, $"{Root} can be changed by users other than root, and root is to run what is "
                    + $"uploaded there: {trust.Description}", $"restrict it: {trust.Fix}", Root);
        }

        if (await FindFreeAsync(cancellationToken).ConfigureAwait(false) is { } free && free < part.Size + Margin)
        {
            throw new HostNotReadyException(
                ErrorIds.WriteFailed, $"{part.Name} has {MiB(part.Size)} MiB, and {Root} on the host has {MiB(free)} "
                    + $"MiB free, of which {MiB(Margin)} must stay",
                $"free space there: df -h {Root}; apt-get clean; journalctl --vacuum-size=100M", Root);
        }

        files.CreateDirectory(folder, FileModes.Mode700);
        files.Delete($"{folder}/{part.Name}{Suffix}");
    }

    private void Append(UploadPart part, string path)
    {
        var present = files.GetInfo(path)?.Size ?? 0;
        if (present != part.Offset)
        {
            throw new UnreadableDataException(
                ErrorIds.UploadFailed, $"the upload of {part.Name} goes on at byte {part.Offset}, and the host has "
                    + $"{present} bytes of it", "run the command again, which uploads it whole", part.Name);
        }

        files.Append(path, part.Content, FileModes.Mode600);
    }

    private string Finish(UploadPart part, string folder, CancellationToken cancellationToken)
    {
        var (path, temporary) = ($"{folder}/{part.Name}", $"{folder}/{part.Name}{Suffix}");
        var digest = new Sha256();
        var length = 0L;
        for (byte[] bytes; (bytes = files.ReadPart(temporary, length, MaxPart)).Length > 0; length += bytes.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            digest.Add(bytes);
        }

        var found = digest.Finish();
        if (length != part.Size || !string.Equals(found, part.Sha256, StringComparison.OrdinalIgnoreCase))
        {
            throw new UnreadableDataException(
                ErrorIds.UploadFailed, $"{part.Name} arrived with another checksum: {found} ({length} bytes) instead "
                    + $"of {part.Sha256} ({part.Size} bytes); it was not run, and is removed",
                "run the command again, and check the host's storage where it fails again: journalctl -k -p err",
                part.Name);
        }

        files.Rename(temporary, path);
        return path;
    }

    /// <summary>Bytes that are free; null where the program does not say.</summary>
    /// <remarks>Source: df(1), --output=avail: a title, and a number below it.</remarks>
    private async Task<long?> FindFreeAsync(CancellationToken cancellationToken)
    {
        var result = await processes.RunAsync(
            new ProcessRequest(FreeSpaceTool, ["-B1", "--output=avail", "--", Root], s_limit), cancellationToken)
            .ConfigureAwait(false);
        return result.ExitCode == 0 && result.Output.Split('\n') is [_, var line, ..]
            && long.TryParse(line.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var free) ? free : null;
    }

    private async Task<int> RemoveAsync(Func<string, bool> isMeant, CancellationToken cancellationToken)
    {
        var count = 0;
        try
        {
            foreach (var folder in (files.List(Root) ?? []).Where(isMeant).Select(n => $"{Root}/{n}"))
            {
                foreach (var name in files.List(folder) ?? [])
                {
                    files.Delete($"{folder}/{name}");
                }

                await processes.RunAsync(
                    new ProcessRequest(
                        HostInstallFiles.RemoveFolderTool, ["--ignore-fail-on-non-empty", "--", folder], s_limit),
                    cancellationToken).ConfigureAwait(false);
                count++;
            }
        }
        catch (HostFileException failure)
        {
            throw HostFileErrors.ForWrite(failure, What);
        }

        return count;
    }

    private bool IsForgotten(string name)
    {
        var folder = $"{Root}/{name}";
        return (files.List(folder) ?? []).Select(n => files.GetInfo($"{folder}/{n}")).Prepend(files.GetInfo(folder))
            .All(i => i is null || i.Modified < clock.GetUtcNow() - s_forgotten);
    }

    private string FolderOf(string id) => string.Create(CultureInfo.InvariantCulture, $"{Root}/{processId}-{id}");

    private static void Check(UploadPart part)
    {
        var problem = !IsId(part.Id) ? "its id is not 16 hexadecimal digits"
            : part.Name.Length is 0 or > MaxName || part.Name[0] is '.' or '-' || !part.Name.All(IsOfName)
                ? "its name has other characters than letters, digits, '.', '-', '_', '+' and '~'"
            : part.Size is <= 0 or > MaxSize ? $"it has {part.Size} bytes, and 1 to {MaxSize} are taken"
            : part.Content.Length is 0 or > MaxPart
                ? $"a part has {part.Content.Length} bytes, and 1 to {MaxPart} are taken"
            : part.Offset < 0 || part.Offset + part.Content.Length > part.Size ? "a part goes beyond its end"
            : null;
        if (problem is not null)
        {
            throw Wrong($"the file '{part.Name}' cannot be uploaded: {problem}", part.Name);
        }
    }

    private static InvalidRequestException Wrong(string message, string target) => new(
        ErrorIds.UploadFailed, message, "rename the file as NVIDIA names it, and update module and vgpu-hook to one "
            + "version: Update-VgpuHost", target);

    private static bool IsId(string id) => id.Length == IdLength && id.All(char.IsAsciiHexDigitLower);

    private static bool IsOfName(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '+' or '~';

    private static string MiB(long bytes) => (bytes >> 20).ToString(CultureInfo.InvariantCulture);
}

/// <summary>A part of a file that is uploaded.</summary>
public sealed record UploadPart
{
    /// <summary>Which upload of the session it belongs to: 16 hexadecimal digits, chosen by the sender.</summary>
    public required string Id { get; init; }

    /// <summary>Name of the file, without a folder.</summary>
    public required string Name { get; init; }

    /// <summary>Bytes of the whole file.</summary>
    public required long Size { get; init; }

    /// <summary>Where the part begins; the bytes before it must have come.</summary>
    public required long Offset { get; init; }

    /// <summary>The part's bytes, as base64 in JSON.</summary>
    public required byte[] Content { get; init; }

    /// <summary>SHA-256 of the whole file, hexadecimal; with the last part only.</summary>
    public string? Sha256 { get; init; }
}
