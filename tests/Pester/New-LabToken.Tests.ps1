BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')

    # What a token says of itself.
    function Read-TestToken {
        param([string] $Path)
        $payload = (Get-Content $Path -Raw).Split('.')[1].Replace('-', '+').Replace('_', '/')
        $padded = $payload.PadRight([int][Math]::Ceiling($payload.Length / 4) * 4, '=')
        [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($padded)) | ConvertFrom-Json
    }
}

Describe 'New-LabToken' {
    BeforeEach {
        $token = Join-Path $TestDrive 'lab.tok'
        Remove-Item $token -ErrorAction Ignore
    }

    It 'writes a token for the simulated licence server' {
        New-LabToken $token | Should -BeNullOrEmpty
        $said = Read-TestToken $token
        $said.service_instance_configuration.node_url_list[0].url | Should -Be 'dls.lab'
        [DateTimeOffset]::FromUnixTimeSeconds($said.exp).Year | Should -Be 2036
    }

    It 'takes a server and an end, replaces a file, and writes it as an object' {
        Set-Content $token 'old'
        $file = New-LabToken -Path $token -Server 'dls "two".lab' -Expires '2027-02-03Z' -PassThru
        $file | Should -BeOfType ([IO.FileInfo])
        $file.FullName | Should -Be $token
        $said = Read-TestToken $token
        $said.service_instance_configuration.node_url_list[0].url | Should -Be 'dls "two".lab'
        [DateTimeOffset]::FromUnixTimeSeconds($said.exp).ToString('yyyy-MM-dd') | Should -Be '2027-02-03'
    }

    It 'takes paths as PowerShell does' {
        Push-Location TestDrive:
        try {
            New-LabToken ./lab.tok
        }
        finally {
            Pop-Location
        }

        $token | Should -Exist
    }

    It 'writes nothing with -WhatIf, and says what it would write' {
        $text = (Invoke-TestProcess "New-LabToken '$token' -Server other.lab -WhatIf") -join "`n"
        $text | Should -Match 'What if: New-LabToken on .*lab\.tok:\n  1\. write a token for other\.lab'
        $token | Should -Not -Exist
    }

    It 'asks with -Confirm, and writes after a yes only' {
        Invoke-TestSession "New-LabToken '$token' -Confirm", 'n' | Out-String | Should -Match 'Carry it out\?'
        $token | Should -Not -Exist
        Invoke-TestSession "New-LabToken '$token' -Confirm", 'y' | Out-Null
        $token | Should -Exist
    }

    It 'says what to do where it must ask and nobody is there' {
        $failure = Get-TestError { New-LabToken $token -Confirm }
        $failure.FullyQualifiedErrorId | Should -Be 'ConfirmationRequired,VgpuPS.Commands.NewLabTokenCommand'
        $failure.CategoryInfo.Category | Should -Be 'NotEnabled'
        $failure.ErrorDetails.RecommendedAction | Should -Match '-Confirm:\$false'
        $token | Should -Not -Exist
    }

    It 'refuses to write to <Where>' -ForEach @(
        @{ Where = 'a folder'; Path = '.' }
        @{ Where = 'a folder that is not there'; Path = 'none/lab.tok' }
    ) {
        $failure = Get-TestError { New-LabToken (Join-Path $TestDrive $Path) }
        $failure.FullyQualifiedErrorId | Should -Be 'WriteFailed,VgpuPS.Commands.NewLabTokenCommand'
        $failure.CategoryInfo.Category | Should -Be 'NotEnabled'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'New-LabToken -Path'
    }

    It 'refuses <Line> before anything is written' -ForEach @(
        @{ Line = "New-LabToken ''"; Id = 'ParameterArgumentValidationError' }
        @{ Line = "New-LabToken `$token -Server ''"; Id = 'ParameterArgumentValidationError' }
        @{ Line = 'New-LabToken $token -Expires soon'; Id = 'CannotConvertArgumentNoMessage' }
        @{ Line = 'New-LabToken'; Id = 'MissingMandatoryParameter' }
    ) {
        (Get-TestError ([scriptblock]::Create($Line))).FullyQualifiedErrorId | Should -BeLike "$Id*"
        $token | Should -Not -Exist
    }

    It 'makes what no simulated host takes once it has ended' {
        New-TestLab | Out-Null
        Enable-Sriov 0
        Add-VmVgpu 101 A30-6C
        Start-LabVm 101
        New-LabToken $token -Expires '2026-01-01Z'
        (Get-TestError { Set-GridLicense 101 -TokenPath $token }).FullyQualifiedErrorId | Should -BeLike 'TokenExpired,*'
        Disconnect-All
    }

    It 'has help with examples of its own' {
        (Get-Help New-LabToken).examples.example.code | Out-String | Should -Match 'New-LabToken'
        (Get-Command New-LabToken).OutputType.Name | Should -Be 'System.IO.FileInfo'
    }
}
