using System.Globalization;
using System.Security.Cryptography;
using VgpuPS.Host.Operations.Setup;
using VgpuPS.Host.State;

namespace VgpuPS.Changing;

/// <summary>Uploads files of this machine to hosts: once to each, however many changes use it there, and removes it
/// when the last of them has ended.</summary>
/// <param name="files">The files.</param>
/// <param name="source">Who asks: the command's name.</param>
internal sealed class FileUploads(IReadOnlyList<DriverFile> files, string source)
{
    private readonly Dictionary<(IHostSession, string), Upload> _uploads = [];

    /// <summary>What is asked of a host: on this machine itself a path needs no upload.</summary>
    public ChangeRequest For(IHostSession session, ChangeRequest request) =>
        session is LocalHostSession && request is FileChangeRequest file && !files.Any(f => f.IsInZip)
            ? file with { Offers = [] } : request;

    /// <summary>Registers a change that was agreed to and needs a file.</summary>
    /// <param name="session">The host.</param>
    /// <param name="name">The file's name.</param>
    /// <returns>What brings it; disposed of when the change has ended.</returns>
    public Use Take(IHostSession session, string name)
    {
        lock (_uploads)
        {
            if (!_uploads.TryGetValue((session, name), out var upload))
            {
                _uploads[(session, name)] = upload =
                    new Upload(session, files.First(f => f.Offer.Name == name), source);
            }

            upload.Users++;
            return new Use(this, upload);
        }
    }

    /// <summary>A change's use of a file.</summary>
    internal sealed class Use(FileUploads owner, Upload upload)
    {
        /// <summary>Path of the file on the host, to which it is uploaded first where it is not yet.</summary>
        public Task<string> GetPathAsync(ICommandSink sink, CancellationToken cancellationToken)
        {
            lock (owner._uploads)
            {
                return upload.Path ??= upload.RunAsync(sink, cancellationToken);
            }
        }

        /// <summary>Says that the change has ended.</summary>
        public async Task EndAsync(ICommandSink sink)
        {
            lock (owner._uploads)
            {
                if (--upload.Users > 0 || upload.Path is null)
                {
                    return;
                }
            }

            await upload.RemoveAsync(sink).ConfigureAwait(false);
        }
    }

    /// <summary>A file on its way to a host, or there.</summary>
    internal sealed class Upload(IHostSession session, DriverFile file, string source)
    {
        private readonly string _id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

        /// <summary>Changes that use it.</summary>
        public int Users { get; set; }

        /// <summary>Its path on the host; null until it is needed.</summary>
        public Task<string>? Path { get; set; }

        /// <summary>Uploads it in parts; the host compares the checksum of the whole.</summary>
        public async Task<string> RunAsync(ICommandSink sink, CancellationToken cancellationToken)
        {
            await Task.Yield();
            var (name, size) = (file.Offer.Name, file.Offer.Size);
            using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            using var stream = Open();
            var buffer = new byte[UploadFolder.MaxPart];
            var count = (int)((size + buffer.Length - 1) / buffer.Length);
            string? path = null;
            for (var (part, offset) = (1, 0L); path is null; part++)
            {
                sink.WriteProgress($"{source}: {name}", new StepProgress(part, count, string.Create(
                    CultureInfo.InvariantCulture, $"upload {name} to {session.Name}: part {part} of {count}")));
                var length = await ReadAsync(stream, buffer, cancellationToken).ConfigureAwait(false);
                var isLast = offset + length >= size;
                if (length == 0 || offset + length > size)
                {
                    throw Changed();
                }

                digest.AppendData(buffer, 0, length);
                var result = await session.RunAsync(
                    HostUseCases.UploadFile,
                    new UploadPart
                    {
                        Id = _id,
                        Name = name,
                        Size = size,
                        Offset = offset,
                        Content = buffer[..length],
                        Sha256 = isLast ? Convert.ToHexStringLower(digest.GetHashAndReset()) : null,
                    },
                    new SinkObserver(sink, source), cancellationToken).ConfigureAwait(false);
                offset += length;
                path = isLast ? result.Path ?? throw Changed() : null;
            }

            return path;
        }

        /// <summary>Removes it, whole or not.</summary>
        public async Task RemoveAsync(ICommandSink sink)
        {
            try
            {
                await session.RunAsync(
                    HostUseCases.RemoveUpload, new RemoveUploadRequest(_id), new SinkObserver(sink, source),
                    CancellationToken.None).ConfigureAwait(false);
            }
            catch (HostConnectionException)
            {
                // The agent removes it, whose session has ended.
            }
            catch (VgpuException failure)
            {
                sink.WriteWarning($"{file.Offer.Name} in {UploadFolder.Root} on {session.Name} was not removed: "
                    + failure.Message);
            }
        }

        private Stream Open()
        {
            try
            {
                return file.Open();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                throw Changed(e);
            }
        }

        private async Task<int> ReadAsync(Stream stream, byte[] buffer, CancellationToken cancellationToken)
        {
            try
            {
                return await stream.ReadAtLeastAsync(
                    buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or InvalidDataException)
            {
                throw Changed(e);
            }
        }

        private UnreadableDataException Changed(Exception? inner = null) => new(
            ErrorIds.ReadFailed, $"{file.Offer.Name} cannot be read as it was when the change was planned"
                + (inner is null ? "" : $": {inner.Message}"),
            "leave the file as it is, and run the command again", file.Offer.Name, inner);
    }
}
