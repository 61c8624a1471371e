using System.Runtime.InteropServices;
using System.Security;
using System.Text;

namespace VgpuPS.Ssh;

/// <summary>Takes secrets out of their protected form, for as short as the library allows.</summary>
internal static class Secrets
{
    /// <summary>The secret as bytes, which the caller clears.</summary>
    public static byte[] ToBytes(SecureString secret)
    {
        var chars = new char[secret.Length];
        var at = Marshal.SecureStringToGlobalAllocUnicode(secret);
        try
        {
            Marshal.Copy(at, chars, 0, chars.Length);
            return Encoding.UTF8.GetBytes(chars);
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(at);
            Array.Clear(chars);
        }
    }

    /// <summary>The secret as text, which nothing can clear: only where the library takes no bytes.</summary>
    public static string ToText(SecureString secret)
    {
        var at = Marshal.SecureStringToGlobalAllocUnicode(secret);
        try
        {
            return Marshal.PtrToStringUni(at, secret.Length);
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(at);
        }
    }
}
