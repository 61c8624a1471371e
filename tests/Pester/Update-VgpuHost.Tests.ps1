BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    . (Join-Path $PSScriptRoot 'Lab.ps1')
    $program = Join-Path $TestDrive 'vgpu-hook'
    New-TestProgram $program ' a new program'
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

Add-CommandTest 'Update-VgpuHost' -Wrong @(
    , @('Update-VgpuHost -Session nobody', 'SessionNotFound', 'ObjectNotFound')
    , @('Update-VgpuHost -Storage none', 'NoSnippetStorage', 'ObjectNotFound')
    , @('Update-VgpuHost -Path ./none', 'HookNotInstalled', 'ObjectNotFound')
    , @('Update-VgpuHost -HostName 127.0.0.1:1 -WhatIf', 'HostUnreachable', 'ConnectionError')
    , @('Update-VgpuHost -HostName -oProxyCommand=x', 'InvalidRequest', 'InvalidArgument')
) -Complete @(
    , @('Update-VgpuHost -Session la', 'lab')
    , @('Update-VgpuHost -Storage lo', 'local')
)

Describe 'Update-VgpuHost' {
    BeforeEach {
        $state = Join-Path $TestDrive 'host.json'
        Connect-TestLabFile $state
        Install-VgpuHost
    }

    AfterAll { Disconnect-All }

    It 'shows with -WhatIf what it would replace, and replaces nothing' {
        $text = Invoke-TestProcess "Connect-VgpuHost -LabState '$state' -Name lab | Out-Null; Update-VgpuHost -Path '$program' -WhatIf"
        $text | Should -Contain 'What if: Update-VgpuHost on node pve1:'
        $text -join "`n" | Should -Match '1\. replace the program /usr/lib/vgpups/vgpu-hook\n +2\. write the hook to /var/lib/vz/snippets/vgpu-hook'
        Invoke-TestLab $state cat, /usr/lib/vgpups/vgpu-hook | Should -Not -BeLike '*a new program'
    }

    It 'replaces the program and its copies, writes the host, and does nothing the second time' {
        $made = Update-VgpuHost -Path $program -PassThru
        $made.VgpuHost | Should -Be 'lab'
        $made.GetType().FullName | Should -BeIn (Get-Command Update-VgpuHost).OutputType.Name
        '/usr/lib/vgpups/vgpu-hook', '/var/lib/vz/snippets/vgpu-hook' | ForEach-Object {
            Invoke-TestLab $state cat, $_ | Should -BeLike '*a new program'
        }
        Update-VgpuHost -Path $program -InformationVariable told
        $told | Should -BeNullOrEmpty
    }

    It 'has nothing to do where all is right' {
        Update-VgpuHost -InformationVariable told | Should -BeNullOrEmpty
        $told | Should -BeNullOrEmpty
        (Get-VgpuHost | Update-VgpuHost -PassThru).VgpuHost | Should -Be 'lab'
    }

    It 'asks with -Confirm, and says what to do where nobody is there' {
        (Get-TestError { Update-VgpuHost -Path $program -Confirm }).FullyQualifiedErrorId |
            Should -Be 'ConfirmationRequired,VgpuPS.Commands.UpdateVgpuHostCommand'
        Invoke-TestLab $state cat, /usr/lib/vgpups/vgpu-hook | Should -Not -BeLike '*a new program'
    }

    It 'refuses a host that has nothing to update, and goes on with the next' {
        Connect-VgpuHost -Lab A30 -Name other | Out-Null
        Uninstall-VgpuHost -Session other -Confirm:$false
        $made = Update-VgpuHost -Session other, lab -PassThru -ErrorAction SilentlyContinue -ErrorVariable failures
        $made.VgpuHost | Should -Be 'lab'
        $failures.FullyQualifiedErrorId | Should -Be 'HookNotInstalled,VgpuPS.Commands.UpdateVgpuHostCommand'
        $failures[0].ErrorDetails.RecommendedAction | Should -Match 'Install-VgpuHost'
    }

    It 'updates over SSH' {
        $folder = Enter-TestSsh
        try {
            New-TestLabFile (Join-Path $folder 'pve1.json')
            (Update-VgpuHost root@pve1 -Path $program -PassThru).VgpuHost | Should -Be 'pve1'
            Invoke-TestLab (Join-Path $folder 'pve1.json') cat, /usr/lib/vgpups/vgpu-hook | Should -BeLike '*a new program'
        }
        finally {
            Exit-TestSsh
        }
    }
}
