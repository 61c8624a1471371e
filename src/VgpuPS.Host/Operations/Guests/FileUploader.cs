using VgpuPS.Host.State;

namespace VgpuPS.Host.Operations.Guests;

/// <summary>Uploads a large file of the host into a guest, in parts that the guest joins and checks.</summary>
internal sealed class FileUploader(PayloadFiles files, GuestOs os)
{
    private static readonly TimeSpan s_partTime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_joinTime = TimeSpan.FromMinutes(10);

    /// <summary>Bytes of a part: base64 makes four of three, and the channel takes so many.</summary>
    public int PartSize => (os.Guest.Channel.InputLimit / 4 * 3) - (3 * 1024);

    /// <summary>How many parts a file of a size has.</summary>
    public int CountParts(long size) => (int)((size + PartSize - 1) / PartSize);

    /// <summary>A step for each part; the last one joins them and checks what came of it.</summary>
    /// <param name="path">The file on the host.</param>
    /// <param name="size">Its size.</param>
    /// <param name="target">Where it shall lie in the guest.</param>
    public IEnumerable<ChangeStep> Plan(string path, long size, string target)
    {
        var count = CountParts(size);
        var digest = new Sha256();
        return Enumerable.Range(0, count).Select(part => new ChangeStep(
            string.Create(CultureInfo.InvariantCulture, $"upload part {part + 1} of {count} to {os.Guest.Vm.Label}"),
            async token =>
            {
                await UploadAsync(path, part, count, target + ".parts", digest, token).ConfigureAwait(false);
                if (part + 1 == count)
                {
                    await JoinAsync(path, target, digest.Finish(), token).ConfigureAwait(false);
                }
            }));
    }

    private async Task UploadAsync(
        string path, int part, int count, string folder, Sha256 digest, CancellationToken cancellationToken)
    {
        if (part == 0)
        {
            await os.RemoveAsync(folder, cancellationToken).ConfigureAwait(false);
        }

        var bytes = files.Read(path, (long)part * PartSize, PartSize);
        digest.Add(bytes);
        await os.Guest.DoAsync(
            $"uploading part {part + 1} of {count}",
            os.Scripts.Part, s_partTime, Convert.ToBase64String(bytes), cancellationToken,
            os.Combine(
                folder, string.Create(CultureInfo.InvariantCulture, $"part-{part:00000}"))).ConfigureAwait(false);
    }

    /// <exception cref="HostCommandException">The guest has other bytes than the host.</exception>
    private async Task JoinAsync(string path, string target, string wanted, CancellationToken cancellationToken)
    {
        var joined = await os.Guest.DoAsync(
            "joining the parts", os.Scripts.Join, s_joinTime, "", cancellationToken, target + ".parts", target)
            .ConfigureAwait(false);
        var found = joined.Output.Trim().Split(' ')[0];
        if (!string.Equals(wanted, found, StringComparison.OrdinalIgnoreCase))
        {
            await os.RemoveAsync(target, CancellationToken.None).ConfigureAwait(false);
            throw new HostCommandException(
                ErrorIds.ReadBackMismatch,
                $"{path} arrived in {os.Guest.Vm.Label} with another checksum: {found} instead of {wanted}",
                $"compare: sha256sum {path}; look at the guest's disk and try again", "sha256sum",
                0, found, os.Guest.Vm.Id.ToString());
        }
    }
}
